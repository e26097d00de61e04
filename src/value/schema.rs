//! Schemas: what a block of a resource type, data source or provider may contain.
//!
//! The shape is that of the provider plugin protocol, so that native and plugin providers are one
//! thing to the rest. Source: the protocol's public description of `Schema`.

use indexmap::IndexMap;

use crate::{Str, Type};

/// A block's schema with its version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// Raised whenever stored objects must be upgraded.
    pub version: u64,
    /// The content.
    pub block: Block,
}

/// What a block may contain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Attributes by name, in the order in which documentation shows them.
    pub attributes: IndexMap<Str, Attribute>,
    /// Nested block types by name.
    pub blocks: IndexMap<Str, NestedBlock>,
    /// What it is for; Markdown.
    pub description: Str,
    /// Why it should not be used any more, if so.
    pub deprecated: bool,
}

/// One attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The type that a given value is converted to.
    pub ty: Type,
    /// Must be given.
    pub required: bool,
    /// May be given.
    pub optional: bool,
    /// Set by the provider (where not given, if `optional` too).
    pub computed: bool,
    /// Its value is marked sensitive.
    pub sensitive: bool,
    /// Given to the provider and never stored.
    pub write_only: bool,
    /// Discouraged.
    pub deprecated: bool,
    /// A change of its value needs a new object. Only a default for native providers' plans.
    pub requires_replace: bool,
    /// A reference to a whole object is taken as this attribute of it (`cloud = cloud.x`).
    pub reference: Option<Str>,
    /// What it is; Markdown.
    pub description: Str,
}

/// A nested block type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NestedBlock {
    /// How many there may be, and what value they make.
    pub nesting: Nesting,
    /// Content of each.
    pub block: Block,
    /// Least number of blocks.
    pub min_items: u64,
    /// Most blocks; 0: no limit.
    pub max_items: u64,
}

/// What value the nested blocks of one type make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// At most one: an object or null.
    Single,
    /// Exactly one; an object with all attributes null where it is not written.
    Group,
    /// A list of objects (a tuple where the block's type has `any` in it).
    List,
    /// A set of objects.
    Set,
    /// A map of objects by the blocks' label (an object where the type has `any` in it).
    Map,
}

impl Attribute {
    /// An attribute that is neither required, optional nor computed yet.
    pub fn new(ty: Type) -> Self {
        Self {
            ty,
            required: false,
            optional: false,
            computed: false,
            sensitive: false,
            write_only: false,
            deprecated: false,
            requires_replace: false,
            reference: None,
            description: Str::new(),
        }
    }

    /// Must be given.
    pub fn required(ty: Type) -> Self {
        Self { required: true, ..Self::new(ty) }
    }

    /// May be given.
    pub fn optional(ty: Type) -> Self {
        Self { optional: true, ..Self::new(ty) }
    }

    /// Set by the provider.
    pub fn computed(ty: Type) -> Self {
        Self { computed: true, ..Self::new(ty) }
    }

    /// May be given, else set by the provider.
    pub fn optional_computed(ty: Type) -> Self {
        Self { optional: true, computed: true, ..Self::new(ty) }
    }

    /// A change needs a new object.
    #[must_use]
    pub fn replaces(self) -> Self {
        Self { requires_replace: true, ..self }
    }

    /// A whole object given is taken as its attribute `name`.
    #[must_use]
    pub fn reference(self, name: &str) -> Self {
        Self { reference: Some(name.into()), ..self }
    }

    /// With documentation.
    #[must_use]
    pub fn describe(self, text: &str) -> Self {
        Self { description: text.into(), ..self }
    }
}

impl Block {
    /// A block with these attributes.
    pub fn with<const N: usize>(attributes: [(&str, Attribute); N]) -> Self {
        let attributes = attributes.into_iter().map(|(name, a)| (name.into(), a)).collect();
        Self { attributes, ..Self::default() }
    }

    /// With one more nested block type.
    #[must_use]
    pub fn nest(mut self, name: &str, nesting: Nesting, block: Block) -> Self {
        let nested = NestedBlock { nesting, block, min_items: 0, max_items: 0 };
        self.blocks.insert(name.into(), nested);
        self
    }

    /// The type of what an object of this block has under a name, attribute or nested blocks.
    pub fn type_of(&self, name: &str) -> Option<Type> {
        let attribute = self.attributes.get(name).map(|attribute| attribute.ty.clone());
        attribute.or_else(|| self.blocks.get(name).map(NestedBlock::implied_type))
    }

    /// The type of an object of this block: every attribute and every nested block type.
    pub fn implied_type(&self) -> Type {
        let attributes = self.attributes.iter().map(|(name, a)| (name.clone(), a.ty.clone()));
        let blocks = self.blocks.iter().map(|(name, nested)| (name.clone(), nested.implied_type()));
        Type::object(attributes.chain(blocks))
    }
}

impl NestedBlock {
    /// The type of the value that the blocks make.
    pub fn implied_type(&self) -> Type {
        let object = self.block.implied_type();
        match self.nesting {
            Nesting::Single | Nesting::Group => object,
            Nesting::List | Nesting::Map if object.has_any() => Type::Any,
            Nesting::List => Type::list(object),
            Nesting::Set => Type::set(object),
            Nesting::Map => Type::map(object),
        }
    }
}
