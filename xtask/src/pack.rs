//! Makes the tarball for publishing.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::build;
use crate::sh::{command, quiet, root, step, target};

/// The files to publish. Packing fails if the tarball has others.
const FILES: [&str; 52] = [
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "dist/THIRD-PARTY.txt",
    "dist/cli.js",
    "dist/client.cjs",
    "dist/client.js",
    "dist/core.wasm",
    "dist/core.wasm.d.cts",
    "dist/edge-light.js",
    "dist/error.cjs",
    "dist/error.js",
    "dist/global.js",
    "dist/index.cjs",
    "dist/index.d.cts",
    "dist/index.d.ts",
    "dist/index.js",
    "dist/ledger.cjs",
    "dist/ledger.d.cts",
    "dist/ledger.d.ts",
    "dist/ledger.js",
    "dist/query.cjs",
    "dist/query.d.cts",
    "dist/query.d.ts",
    "dist/query.js",
    "dist/redis.cjs",
    "dist/redis.d.cts",
    "dist/redis.d.ts",
    "dist/redis.js",
    "dist/sbom.json",
    "dist/slim.cjs",
    "dist/slim.d.cts",
    "dist/slim.d.ts",
    "dist/slim.js",
    "dist/store.cjs",
    "dist/store.d.cts",
    "dist/store.d.ts",
    "dist/store.js",
    "dist/tabs.cjs",
    "dist/tabs.d.cts",
    "dist/tabs.d.ts",
    "dist/tabs.js",
    "dist/testing-edge-light.js",
    "dist/testing-workerd.js",
    "dist/testing.cjs",
    "dist/testing.d.cts",
    "dist/testing.d.ts",
    "dist/testing.js",
    "dist/testing.wasm",
    "dist/workerd.js",
    "package.json",
    "slim/package.json",
];

/// A packed package.
struct Packed {
    tarball: PathBuf,
    size: u64,
    files: Vec<(String, u64)>,
}

/// Packs `pkg/` into a folder, and returns the tarball.
pub fn pack(folder: &Path) -> Result<PathBuf> {
    pack_other(&root().join("pkg"), folder)
}

/// Like [`pack`], for another build of the package.
pub fn pack_other(package: &Path, folder: &Path) -> Result<PathBuf> {
    Ok(packed(package, folder)?.tarball)
}

/// `cargo xtask pack`: builds, packs, and shows what `npm publish` would send.
pub fn run() -> Result<()> {
    build::build()?;
    let folder = target().join("npm");
    std::fs::create_dir_all(&folder)?;
    let packed = step("packing the package", || {
        packed(&root().join("pkg"), &folder)
    })?;
    for (name, size) in &packed.files {
        println!("{size:>9}  {name}");
    }
    println!("{:>9}  {}", packed.size, packed.tarball.display());
    println!("\nnpm publish {}", packed.tarball.display());
    Ok(())
}

fn packed(package: &Path, folder: &Path) -> Result<Packed> {
    let mut npm = command("npm");
    npm.args(["pack", "--silent", "--json", "--pack-destination"])
        .arg(folder);
    let printed: Value = serde_json::from_str(&quiet(npm.current_dir(package))?)?;
    let packed = printed.get(0).context("npm pack described no package")?;
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    let mut files: Vec<_> = packed["files"]
        .as_array()
        .context("npm pack listed no files")?
        .iter()
        .filter_map(|file| Some((file["path"].as_str()?.to_owned(), number(&file["size"]))))
        .collect();
    files.sort();
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    ensure!(
        names == FILES,
        "the tarball holds\n  {}\nand not\n  {}",
        names.join("\n  "),
        FILES.join("\n  ")
    );
    let name = packed["filename"]
        .as_str()
        .context("npm pack named no file")?;
    Ok(Packed {
        tarball: folder.join(name),
        size: number(&packed["size"]),
        files,
    })
}
