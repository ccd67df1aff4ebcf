//! What changed in a watched list. Runners that did not change keep their objects.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, prelude::*};

use super::error::object;
use super::host::is_array;
use super::paging::Rows;
use crate::changes::{Changed, Changes, RunnerField};

/// Replaces the last list. Returns the `ListChange` to report: for the first list and with `every_reading`
/// always, otherwise only if something changed.
pub fn replace_list(last: &mut Option<Rows>, list: Rows, every_reading: bool) -> Option<JsValue> {
    let is_first = last.is_none();
    let previous = last.take().unwrap_or_default();
    let changes = Changes::between(&previous.ids, &list.ids, |old, new| {
        differing(&previous.objects.get(old), &list.objects.get(new))
    });
    for (index, old) in &changes.unchanged {
        list.objects.set(*index, previous.objects.get(*old));
    }
    let change = (is_first || every_reading || !changes.is_empty()).then(|| {
        let added = if is_first { &[] } else { &changes.added[..] };
        let changed_runners: Array = (changes.changed.iter())
            .map(|changed| changed_runner(changed, &list.objects, &previous.objects))
            .collect();
        object(&[
            ("runners", &copy(&list.objects)),
            ("added", &pick(&list.objects, added)),
            ("removed", &pick(&previous.objects, &changes.removed)),
            ("changed", &changed_runners),
        ])
    });
    *last = Some(list);
    change
}

/// A copy of a list, because callers may change what they get.
pub fn copy(list: &Array) -> Array {
    Array::new().concat(list)
}

fn pick(objects: &Array, indexes: &[u32]) -> Array {
    indexes.iter().map(|index| objects.get(*index)).collect()
}

/// A `ChangedRunner`.
fn changed_runner(changed: &Changed, list: &Array, previous: &Array) -> JsValue {
    let fields = changed.fields.iter();
    let fields: Array = fields
        .map(|field| JsValue::from_str(field.as_str()))
        .collect();
    object(&[
        ("runner", &list.get(changed.index)),
        ("previous", &previous.get(changed.previous)),
        ("fields", &fields),
    ])
}

/// The members that differ. The caller has the old object, and may have changed it in any way.
fn differing(old: &JsValue, new: &JsValue) -> Vec<RunnerField> {
    let member = |runner: &JsValue, field: RunnerField| {
        Reflect::get(runner, &JsValue::from_str(field.as_str())).unwrap_or_default()
    };
    let is_same = |field: &RunnerField| {
        let (old, new) = (member(old, *field), member(new, *field));
        match field {
            RunnerField::Tags => is_same_array(&old, &new),
            _ => old == new,
        }
    };
    let mut fields = RunnerField::ALL.to_vec();
    fields.retain(|field| !is_same(field));
    fields
}

fn is_same_array(old: &JsValue, new: &JsValue) -> bool {
    if is_array(old) != Ok(true) {
        return false;
    }
    let [old, new]: [&Array; 2] = [old, new].map(JsCast::unchecked_ref);
    old.length() == new.length() && (0..new.length()).all(|index| old.get(index) == new.get(index))
}
