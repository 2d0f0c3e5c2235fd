//! Documents that may be compressed with gzip: recognized by their first bytes when read, and compressed by their name
//! when written.

use super::read::{open, open_up_to};
use super::write::Draft;
use super::{Access, FileError};
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// What every gzip file begins with.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A document that was opened for reading, with what was compressed in it.
#[derive(Debug)]
pub enum Document {
    /// As it is in the file.
    Plain(File),
    /// Decompressed: a reader goes back to its beginning, which a compressed stream cannot.
    Unpacked(Cursor<Vec<u8>>),
}

/// Opens a document for reading unless it is too large, compressed or not, if its links are allowed.
///
/// # Errors
/// It is not a regular file, is too large, cannot be read, is damaged, or a link leaves the checkout.
pub fn open_document(path: &Path, most: u64) -> Result<Document, FileError> {
    let mut file = open_up_to(path, most)?;
    if !is_packed(&mut file)? {
        return Ok(Document::Plain(file));
    }
    let mut bytes = Vec::new();
    // A few bytes can unpack to any number, so the limit counts after unpacking too.
    MultiGzDecoder::new(BufReader::new(file)).take(most + 1).read_to_end(&mut bytes)?;
    let size = bytes.len() as u64;
    if size > most {
        Err(FileError::TooLarge { size, most })
    } else {
        Ok(Document::Unpacked(Cursor::new(bytes)))
    }
}

/// The first bytes of a document, decompressed; empty if it cannot be read.
#[must_use]
pub fn head(path: &Path, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let Ok(mut file) = open(path) else { return bytes };
    // What was read before an error is enough to recognize the kind of document.
    let _ = match is_packed(&mut file) {
        Ok(true) => MultiGzDecoder::new(BufReader::new(file)).take(most).read_to_end(&mut bytes),
        Ok(false) => file.take(most).read_to_end(&mut bytes),
        Err(error) => Err(error),
    };
    bytes
}

fn is_packed(file: &mut File) -> io::Result<bool> {
    let mut magic = Vec::new();
    (&*file).take(2).read_to_end(&mut magic)?;
    file.rewind()?;
    Ok(magic == MAGIC)
}

impl Read for Document {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(bytes),
            Self::Unpacked(text) => text.read(bytes),
        }
    }
}

impl Seek for Document {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::Plain(file) => file.seek(to),
            Self::Unpacked(text) => text.seek(to),
        }
    }
}

/// A document that is being written, compressed if its name ends in `.gz`.
#[derive(Debug)]
pub enum DocumentDraft {
    /// As it is.
    Plain(Draft),
    /// Compressed.
    Packed(GzEncoder<Draft>),
}

impl DocumentDraft {
    /// Begins a document, as [`Draft::begin`] does.
    ///
    /// # Errors
    /// The folder cannot be written, or a link leaves the checkout.
    pub fn begin(path: &Path, access: Access) -> io::Result<Self> {
        let draft = Draft::begin(path, access)?;
        let is_packed = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"));
        // Without a time in its head, the same document gives the same bytes.
        let packed = |draft| GzBuilder::new().mtime(0).write(draft, Compression::default());
        Ok(if is_packed { Self::Packed(packed(draft)) } else { Self::Plain(draft) })
    }

    /// Commits the document. A draft that is dropped leaves nothing behind.
    ///
    /// # Errors
    /// It cannot be written completely.
    pub fn keep(self) -> io::Result<()> {
        match self {
            Self::Plain(draft) => draft.keep(),
            Self::Packed(packed) => packed.finish()?.keep(),
        }
    }
}

impl Write for DocumentDraft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(draft) => draft.write(bytes),
            Self::Packed(packed) => packed.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(draft) => draft.flush(),
            Self::Packed(packed) => packed.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(path: &Path, text: &[u8]) -> Vec<u8> {
        let mut draft = DocumentDraft::begin(path, Access::Private).unwrap();
        draft.write_all(text).unwrap();
        draft.keep().unwrap();
        std::fs::read(path).unwrap()
    }

    #[test]
    fn a_document_is_compressed_by_its_name_and_read_by_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let [plain, packed] = ["a.json", "a.json.gz"].map(|name| folder.path().join(name));
        let text = b"{\"a\": 1}\n".repeat(1000);
        let [large, small] = [&plain, &packed].map(|path| written(path, &text));
        assert_eq!(large, text);
        assert!(small.len() * 10 < large.len() && small.starts_with(&MAGIC), "{}", small.len());
        assert_eq!(written(&packed, &text), small, "the same bytes each time");
        let other = folder.path().join("renamed");
        std::fs::rename(&packed, &other).unwrap();
        for path in [&plain, &other] {
            let mut read = Vec::new();
            let mut document = open_document(path, 1 << 20).unwrap();
            document.read_to_end(&mut read).unwrap();
            document.rewind().unwrap();
            document.read_to_end(&mut read).unwrap();
            assert_eq!(read, text.repeat(2));
            assert_eq!(head(path, 4), b"{\"a\"");
        }
    }

    #[test]
    fn a_damaged_or_huge_archive_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.gz");
        let whole = written(&path, &vec![b'0'; 1 << 20]);
        assert!(matches!(open_document(&path, 1 << 19), Err(FileError::TooLarge { .. })));
        for end in [2, 3, 12, whole.len() - 1] {
            std::fs::write(&path, whole.get(..end).unwrap()).unwrap();
            assert!(open_document(&path, 1 << 21).is_err(), "{end}");
        }
        std::fs::write(&path, b"\x1f").unwrap();
        assert!(matches!(open_document(&path, 1 << 21), Ok(Document::Plain(_))));
    }
}
