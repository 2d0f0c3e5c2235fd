//! The analytics of zones, `POST /graphql`: fixed queries, replies that are read tolerantly, up to ten zones at a time.
//! What a zone may see is asked first, since one field that is refused fails a whole query.

mod ask;
mod query;
mod read;
mod refused;
mod tables;

pub(crate) use query::{Condition, RequestKind};
pub(crate) use read::Counted;
pub(crate) use tables::{Shown, Tables};
