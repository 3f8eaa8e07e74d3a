//! The pieces that the request bodies' schemas are made of.
//!
//! Bodies are read by hand (see [`crate::api::members`]), so their schemas stand beside their readers and
//! use the same limits and lists. A member that is `null` counts as not sent, whatever its type.

use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{
    AdditionalProperties, Array, ArrayBuilder, Object, ObjectBuilder, OneOfBuilder, SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr, Schema};

use crate::api::members::TEXT_MAX_CHARS;

/// An object of the members given, and no others.
pub(super) fn object<const N: usize>(
    required: &[&str],
    members: [(&str, RefOr<Schema>); N],
) -> RefOr<Schema> {
    list(required, members)
}

/// The same, of members that are counted elsewhere.
pub(super) fn list<'a>(
    required: &[&str],
    members: impl IntoIterator<Item = (&'a str, RefOr<Schema>)>,
) -> RefOr<Schema> {
    let mut builder = ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)));
    for (name, schema) in members {
        builder = builder.property(name, schema);
    }
    for name in required {
        builder = builder.required(*name);
    }
    builder.into()
}

/// A text that may be left out.
pub(super) fn text(max_chars: usize) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(or_null(Type::String)).max_length(Some(max_chars))
}

/// A text that must be there.
pub(super) fn required_text(max_chars: usize) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(max_chars))
}

/// One of a few texts, or none.
pub(super) fn literal(accepted: &[&str]) -> ObjectBuilder {
    let values = accepted.iter().copied().chain([""]).map(Value::from).chain([Value::Null]);
    ObjectBuilder::new().schema_type(or_null(Type::String)).enum_values(Some(values.collect::<Vec<_>>()))
}

/// One of a few texts.
pub(super) fn required_literal(accepted: &[&str]) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(accepted.iter().copied()))
}

/// A list of a few texts.
pub(super) fn flags(accepted: &[&str]) -> RefOr<Schema> {
    let item = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(accepted.iter().copied()));
    let list: Array = ArrayBuilder::new().schema_type(or_null(Type::Array)).items(item).build();
    RefOr::T(Schema::Array(list))
}

/// A whole number that may be left out.
pub(super) fn whole(least: i64, most: i64) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(or_null(Type::Integer)).minimum(Some(least)).maximum(Some(most))
}

/// True or false, or left out.
pub(super) fn truth() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(or_null(Type::Boolean))
}

/// An object with a schema of its own, which may be left out.
pub(super) fn nested<T: ToSchema>() -> RefOr<Schema> {
    let null: Object = ObjectBuilder::new().schema_type(Type::Null).build();
    RefOr::T(Schema::OneOf(OneOfBuilder::new().item(null).item(Ref::from_schema_name(T::name())).build()))
}

/// The same object, where it stands, if it may be left out.
pub(super) fn optional(schema: RefOr<Schema>) -> RefOr<Schema> {
    let null: Object = ObjectBuilder::new().schema_type(Type::Null).build();
    RefOr::T(Schema::OneOf(OneOfBuilder::new().item(null).item(schema).build()))
}

/// One of several forms.
pub(super) fn either<const N: usize>(forms: [RefOr<Schema>; N]) -> RefOr<Schema> {
    RefOr::T(Schema::OneOf(forms.into_iter().fold(OneOfBuilder::new(), OneOfBuilder::item).build()))
}

/// What a search compares a member with, which may be left out.
pub(super) fn comparison(value: ObjectBuilder, operators: &[&str]) -> RefOr<Schema> {
    optional(object(&["value"], [("value", value.into()), ("operator", literal(operators).into())]))
}

/// A range of dates, which may be left out.
pub(super) fn date_range() -> RefOr<Schema> {
    let date = || text(TEXT_MAX_CHARS).into();
    optional(object(&[], [("start_date", date()), ("end_date", date())]))
}

fn or_null(kind: Type) -> SchemaType {
    SchemaType::from_iter([kind, Type::Null])
}

/// Names a schema and takes it from beside its reader.
macro_rules! schema_of {
    ($kind:ty, $name:literal, $schema:expr) => {
        impl utoipa::PartialSchema for $kind {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $schema
            }
        }

        impl utoipa::ToSchema for $kind {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed($name)
            }
        }
    };
}

pub(super) use schema_of;
