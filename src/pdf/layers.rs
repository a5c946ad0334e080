//! Layers: decides which optional content a viewer shows (ISO 32000-2, 8.11).
//!
//! Applies the default configuration, for viewing on a screen. A layer (optional content group) is
//! on or off. A membership combines the states of layers by a policy or an expression.

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier};
use std::collections::{HashMap, HashSet};

/// Depth to which visibility expressions are evaluated. Real ones have one or two levels.
const MAX_EXPRESSION_DEPTH: u32 = 16;
/// Operands of all levels of one visibility expression that are evaluated.
const MAX_OPERANDS: u32 = 4096;
/// Layers in the list of a configuration that are read.
const MAX_LAYERS: usize = 1 << 16;

/// The states of the layers of one document.
#[derive(Debug, Default)]
pub(super) struct Layers {
    is_defined: bool,
    /// The layers that the document declares.
    listed: HashSet<ObjectIdentifier>,
    base_is_off: bool,
    /// Layers whose state differs from the base state.
    switched: HashSet<ObjectIdentifier>,
    /// Results for layers and memberships, by object.
    known: HashMap<ObjectIdentifier, bool>,
}

impl Layers {
    /// Reads the default configuration of a document.
    pub(super) fn of(pdf: &Pdf) -> Self {
        let properties = pdf
            .xref()
            .has_optional_content_groups()
            .then(|| pdf.xref().get::<Dict<'_>>(pdf.xref().root_id()))
            .flatten()
            .and_then(|catalog| catalog.get::<Dict<'_>>("OCProperties"));
        properties.map_or_else(Self::default, |properties| Self::read(pdf, &properties))
    }

    fn read(pdf: &Pdf, properties: &Dict<'_>) -> Self {
        let default = properties.get::<Dict<'_>>("D").unwrap_or_default();
        let base = default.get::<Name<'_>>("BaseState");
        // `Unchanged` means on, because all layers are on before the configuration is applied.
        let base_is_off = base.as_deref() == Some(b"OFF");
        let mut layers = Self {
            is_defined: true,
            listed: references(properties, "OCGs").collect(),
            base_is_off,
            ..Self::default()
        };
        layers.switch(&default, "ON", false);
        layers.switch(&default, "OFF", true);
        layers.apply_usage(pdf, &default);
        layers
    }

    fn switch(&mut self, configuration: &Dict<'_>, key: &str, off: bool) {
        for id in references(configuration, key) {
            self.set(id, off);
        }
    }

    fn set(&mut self, id: ObjectIdentifier, off: bool) {
        if off == self.base_is_off {
            self.switched.remove(&id);
        } else {
            self.switched.insert(id);
        }
    }

    /// Applies the states that layers define for viewing, if the configuration requires it (ISO
    /// 32000-2, 8.11.4.5).
    fn apply_usage(&mut self, pdf: &Pdf, configuration: &Dict<'_>) {
        let applications = configuration.get::<Array<'_>>("AS").unwrap_or_default();
        for application in applications.iter::<Dict<'_>>().take(MAX_LAYERS) {
            let event = application.get::<Name<'_>>("Event");
            let categories = application.get::<Array<'_>>("Category").unwrap_or_default();
            let views = categories.iter::<Name<'_>>().any(|name| &*name == b"View");
            if event.as_deref() != Some(b"View") || !views {
                continue;
            }
            for id in references(&application, "OCGs") {
                let state = pdf
                    .xref()
                    .get::<Dict<'_>>(id)
                    .and_then(|group| group.get::<Dict<'_>>("Usage"))
                    .and_then(|usage| usage.get::<Dict<'_>>("View"))
                    .and_then(|view| view.get::<Name<'_>>("ViewState"));
                if let Some(state) = state {
                    self.set(id, &*state == b"OFF");
                }
            }
        }
    }

    /// Returns whether content is hidden that belongs to the layer or membership `key` of `dict`.
    pub(super) fn hides(&mut self, dict: &Dict<'_>, key: &[u8]) -> bool {
        if !self.is_defined || !dict.contains_key(key) {
            return false;
        }
        let id = dict.get_ref(key).map(ObjectIdentifier::from);
        if let Some(known) = id.and_then(|id| self.known.get(&id)) {
            return *known;
        }
        let hidden = dict
            .get::<Dict<'_>>(key)
            .is_some_and(|content| !self.shows(id, &content));
        self.known.extend(id.map(|id| (id, hidden)));
        hidden
    }

    fn shows(&self, id: Option<ObjectIdentifier>, content: &Dict<'_>) -> bool {
        let kind = content.get::<Name<'_>>("Type");
        let is_membership = match kind.as_deref() {
            Some(b"OCMD") => true,
            Some(b"OCG") => false,
            _ => content.contains_key("OCGs") || content.contains_key("VE"),
        };
        if !is_membership {
            return id.is_none_or(|id| self.is_on(id));
        }
        if let Some(expression) = content.get::<Array<'_>>("VE") {
            let mut operands = MAX_OPERANDS;
            if let Some(visible) = self.evaluate(&expression, 0, &mut operands) {
                return visible;
            }
        }
        self.member_policy(content)
    }

    /// Returns whether a layer is on. As in viewers, undeclared layers are on.
    fn is_on(&self, id: ObjectIdentifier) -> bool {
        !self.listed.contains(&id) || self.base_is_off == self.switched.contains(&id)
    }

    /// Evaluates `P`, the policy of a membership. Without layers, the content is visible.
    fn member_policy(&self, membership: &Dict<'_>) -> bool {
        let single = membership.get_ref("OCGs").map(ObjectIdentifier::from);
        let members: Vec<_> = references(membership, "OCGs")
            .chain(single)
            // Missing objects count as null, which is ignored; so does an indirect array.
            .filter(|id| self.listed.contains(id))
            .collect();
        if members.is_empty() {
            return true;
        }
        let mut states = members.into_iter().map(|id| self.is_on(id));
        let policy = membership.get::<Name<'_>>("P");
        match policy.as_deref() {
            Some(b"AllOn") => states.all(|on| on),
            Some(b"AnyOff") => states.any(|on| !on),
            Some(b"AllOff") => states.all(|on| !on),
            _ => states.any(|on| on),
        }
    }

    /// Evaluates a visibility expression; returns `None` if it is malformed.
    fn evaluate(&self, expression: &Array<'_>, depth: u32, operands: &mut u32) -> Option<bool> {
        if depth >= MAX_EXPRESSION_DEPTH {
            return None;
        }
        let mut items = expression.raw_iter();
        let MaybeRef::NotRef(Object::Name(operator)) = items.next()? else {
            return None;
        };
        let mut values = Vec::new();
        for item in items {
            *operands = operands.checked_sub(1)?;
            values.push(match item {
                MaybeRef::Ref(id) => self.is_on(id.into()),
                MaybeRef::NotRef(Object::Array(nested)) => {
                    self.evaluate(&nested, depth + 1, operands)?
                }
                MaybeRef::NotRef(_) => return None,
            });
        }
        match (&*operator, values.as_slice()) {
            (_, []) => None,
            (b"And", values) => Some(values.iter().all(|on| *on)),
            (b"Or", values) => Some(values.iter().any(|on| *on)),
            (b"Not", [value]) => Some(!value),
            _ => None,
        }
    }
}

/// Returns the references in an array.
fn references<'a>(dict: &Dict<'a>, key: &str) -> impl Iterator<Item = ObjectIdentifier> + use<'a> {
    let list = dict.get::<Array<'a>>(key).unwrap_or_default();
    let references = list.raw_iter().filter_map(|item| item.as_obj_ref());
    references.map(Into::into).take(MAX_LAYERS)
}
