//! The tarball as it would be published.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::sh::{command, quiet, root};

/// Packs `pkg/` into a folder, and gives the tarball.
pub fn pack(folder: &Path) -> Result<PathBuf> {
    let mut npm = command("npm");
    npm.args(["pack", "--silent", "--pack-destination"])
        .arg(folder);
    let printed = quiet(npm.current_dir(root().join("pkg")))?;
    let name = printed.lines().last().context("npm pack named no file")?;
    Ok(folder.join(name.trim()))
}
