//! The bytes of a snapshot file: a header, one section per table, and a footer with the totals.
//!
//! Everything is in frames of `kind | tag | rows | length | crc32c | body`. A reader that meets a bad
//! checksum, a wrong count, an unknown table or a missing footer refuses the file as a whole; it never
//! leaves out what it does not know.

use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use model::planted::{self, Bug};
use serde::{Deserialize, Serialize};
use state::{RowKey, State};

use crate::disk::Disk;
use crate::type_config::{LogId, SnapshotMeta, StoredMembership};

/// The version of this format; the last byte of what a file begins with.
pub(crate) const VERSION: u8 = 1;
const MAGIC: &[u8; 8] = &[b'D', b'R', b'V', b'R', b'S', b'N', b'P', VERSION];
const HEADER: u8 = 0;
const ROWS: u8 = 1;
const SECTION_END: u8 = 2;
const FOOTER: u8 = 3;
const FRAME_HEAD: usize = 18;
/// A block of rows is written when it reaches this size.
const BLOCK_BYTES: usize = 256 << 10;
/// No frame may be larger: a block plus its largest row.
const MAX_FRAME: usize = 80 << 20;

/// What a snapshot is of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) last_log_id: Option<LogId>,
    pub(crate) membership: StoredMembership,
    pub(crate) snapshot_id: String,
    /// The clients' index, for people who look at the file.
    pub(crate) index: u64,
}

impl Header {
    pub(crate) fn meta(&self) -> SnapshotMeta {
        SnapshotMeta {
            last_log_id: self.last_log_id,
            last_membership: self.membership.clone(),
            snapshot_id: self.snapshot_id.clone(),
        }
    }
}

/// Why a snapshot cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The file system says no.
    #[error("reading or writing it: {0}")]
    Io(#[from] io::Error),
    /// The bytes are not those that were written.
    #[error("damaged at offset {offset}: {why}")]
    Damaged {
        /// Where, in bytes.
        offset: u64,
        /// What is wrong there.
        why: &'static str,
    },
    /// The header is none.
    #[error("header: {0}")]
    Header(#[from] rmp_serde::decode::Error),
    /// The rows make no state.
    #[error("row: {0}")]
    Row(#[from] state::RowError),
    /// The state breaks a rule.
    #[error("state check: {0}")]
    Check(String),
}

/// Writes a whole snapshot and gives back what it was written to.
pub(crate) fn write<W: Write>(out: W, header: &Header, state: &State) -> io::Result<W> {
    let mut writer = FrameWriter { out: BufWriter::with_capacity(1 << 20, out) };
    writer.out.write_all(MAGIC)?;
    writer.frame(HEADER, 0, 0, &rmp_serde::to_vec_named(header).map_err(io::Error::other)?)?;
    let mut block = Block::default();
    let mut sections = 0_u64;
    let mut total = 0_u64;
    for (key, value) in state.rows() {
        let tag = key.tag();
        if planted::is(Bug::SnapshotSectionDropped) && key.table() == Some("Variables") {
            continue;
        }
        if block.rows_in_section > 0 && tag != block.tag {
            block.end_section(&mut writer)?;
            sections += 1;
        }
        block.tag = tag;
        block.push(&key, &value);
        total += 1;
        if block.bytes.len() >= BLOCK_BYTES {
            block.flush(&mut writer)?;
        }
    }
    if block.rows_in_section > 0 {
        block.end_section(&mut writer)?;
        sections += 1;
    }
    writer.frame(FOOTER, 0, total, &sections.to_le_bytes())?;
    writer.out.into_inner().map_err(io::IntoInnerError::into_error)
}

#[derive(Default)]
struct Block {
    tag: u8,
    bytes: Vec<u8>,
    rows: u64,
    rows_in_section: u64,
}

impl Block {
    fn push(&mut self, key: &RowKey, value: &[u8]) {
        for part in [key.as_bytes(), value] {
            let length = u32::try_from(part.len()).expect("a row is far below 4 GiB");
            self.bytes.extend_from_slice(&length.to_le_bytes());
            self.bytes.extend_from_slice(part);
        }
        self.rows += 1;
        self.rows_in_section += 1;
    }

    fn flush<W: Write>(&mut self, writer: &mut FrameWriter<W>) -> io::Result<()> {
        if self.rows > 0 {
            writer.frame(ROWS, self.tag, self.rows, &self.bytes)?;
        }
        self.bytes.clear();
        self.rows = 0;
        Ok(())
    }

    fn end_section<W: Write>(&mut self, writer: &mut FrameWriter<W>) -> io::Result<()> {
        self.flush(writer)?;
        writer.frame(SECTION_END, self.tag, self.rows_in_section, b"")?;
        self.rows_in_section = 0;
        Ok(())
    }
}

struct FrameWriter<W: Write> {
    out: BufWriter<W>,
}

impl<W: Write> FrameWriter<W> {
    fn frame(&mut self, kind: u8, tag: u8, rows: u64, body: &[u8]) -> io::Result<()> {
        let mut head = [0; FRAME_HEAD];
        head[0] = kind;
        head[1] = tag;
        head[2..10].copy_from_slice(&rows.to_le_bytes());
        let length = u32::try_from(body.len()).map_err(io::Error::other)?;
        head[10..14].copy_from_slice(&length.to_le_bytes());
        let sum = crc32c::crc32c_append(crc32c::crc32c(&head[..14]), body);
        head[14..].copy_from_slice(&sum.to_le_bytes());
        self.out.write_all(&head)?;
        self.out.write_all(body)
    }
}

/// Checks every byte and count of a snapshot without making a state of it.
pub(crate) fn verify(disk: &Disk, path: &Path) -> Result<Header, SnapshotError> {
    let (header, mut rows) = Rows::open(disk.open(path)?)?;
    while rows.next_frame()? {
        rows.pass_block();
    }
    Ok(header)
}

/// Reads and checks a whole snapshot.
pub(crate) fn read(disk: &Disk, path: &Path) -> Result<(Header, State), SnapshotError> {
    read_from(disk.open(path)?)
}

/// The same, from wherever its bytes are.
pub(crate) fn read_from(input: impl Read) -> Result<(Header, State), SnapshotError> {
    let (header, mut rows) = Rows::open(input)?;
    let state = State::from_rows(&mut rows);
    if let Some(error) = rows.failed {
        return Err(error);
    }
    let state = state?;
    if !rows.ended {
        return Err(rows.reader.damaged("not read to its end"));
    }
    state.check_rows().map_err(SnapshotError::Check)?;
    Ok((header, state))
}

struct FrameReader<R> {
    input: BufReader<R>,
    offset: u64,
}

struct Frame {
    kind: u8,
    tag: u8,
    rows: u64,
    body: Vec<u8>,
}

impl<R: Read> FrameReader<R> {
    fn open(input: R) -> Result<FrameReader<R>, SnapshotError> {
        let mut input = BufReader::with_capacity(1 << 20, input);
        let mut magic = [0; 8];
        let fault = |why| SnapshotError::Damaged { offset: 0, why };
        input.read_exact(&mut magic).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => fault("not a snapshot"),
            _ => error.into(),
        })?;
        if magic[..7] == MAGIC[..7] && &magic != MAGIC {
            return Err(fault("a snapshot in a format that this version does not know"));
        }
        if &magic != MAGIC {
            return Err(fault("not a snapshot"));
        }
        Ok(FrameReader { input, offset: 8 })
    }

    fn damaged(&self, why: &'static str) -> SnapshotError {
        SnapshotError::Damaged { offset: self.offset, why }
    }

    fn frame(&mut self) -> Result<Frame, SnapshotError> {
        let mut head = [0; FRAME_HEAD];
        self.input.read_exact(&mut head).map_err(|_error| self.damaged("cut short"))?;
        let length = u32::from_le_bytes([head[10], head[11], head[12], head[13]]) as usize;
        if length > MAX_FRAME {
            return Err(self.damaged("impossible length"));
        }
        let mut body = vec![0; length];
        self.input.read_exact(&mut body).map_err(|_error| self.damaged("cut short"))?;
        let sum = u32::from_le_bytes([head[14], head[15], head[16], head[17]]);
        if sum != crc32c::crc32c_append(crc32c::crc32c(&head[..14]), &body) {
            return Err(self.damaged("checksum mismatch"));
        }
        self.offset += (FRAME_HEAD + length) as u64;
        let mut rows = [0; 8];
        rows.copy_from_slice(&head[2..10]);
        Ok(Frame { kind: head[0], tag: head[1], rows: u64::from_le_bytes(rows), body })
    }

    fn header(&mut self) -> Result<Header, SnapshotError> {
        let frame = self.frame()?;
        if frame.kind != HEADER {
            return Err(self.damaged("no header"));
        }
        Ok(rmp_serde::from_slice(&frame.body)?)
    }
}

/// Hands the rows out one by one; stops at the first fault and keeps it.
pub(crate) struct Rows<R> {
    reader: FrameReader<R>,
    block: Vec<u8>,
    at: usize,
    left: u64,
    tag: u8,
    section: u64,
    sections: u64,
    total: u64,
    failed: Option<SnapshotError>,
    ended: bool,
}

impl<R: Read> Rows<R> {
    pub(crate) fn open(input: R) -> Result<(Header, Rows<R>), SnapshotError> {
        let mut reader = FrameReader::open(input)?;
        let header = reader.header()?;
        let rows = Rows {
            reader,
            block: Vec::new(),
            at: 0,
            left: 0,
            tag: 0,
            section: 0,
            sections: 0,
            total: 0,
            failed: None,
            ended: false,
        };
        Ok((header, rows))
    }

    /// Counts the rows of a block as read.
    fn pass_block(&mut self) {
        // A count that nobody can have written is told by the sums at the end.
        self.section = self.section.saturating_add(self.left);
        self.total = self.total.saturating_add(self.left);
        self.left = 0;
        self.at = self.block.len();
    }

    /// The next row; `None` at the end of a file that is whole.
    pub(crate) fn step(&mut self) -> Result<Option<(RowKey, Vec<u8>)>, SnapshotError> {
        loop {
            if self.left > 0 {
                let key = RowKey::from_bytes(self.part()?);
                if key.tag() != self.tag {
                    return Err(self.reader.damaged("row in another table's section"));
                }
                let value = self.part()?.to_vec();
                self.left -= 1;
                self.section += 1;
                self.total += 1;
                return Ok(Some((key, value)));
            }
            if self.at != self.block.len() {
                return Err(self.reader.damaged("bytes behind the last row of a block"));
            }
            if !self.next_frame()? {
                return Ok(None);
            }
        }
    }

    /// False at the end of the file.
    fn next_frame(&mut self) -> Result<bool, SnapshotError> {
        let frame = self.reader.frame()?;
        match frame.kind {
            ROWS if self.section == 0 || frame.tag == self.tag => {
                self.tag = frame.tag;
                self.left = frame.rows;
                self.block = frame.body;
                self.at = 0;
                Ok(true)
            }
            SECTION_END if frame.tag == self.tag && frame.rows == self.section => {
                self.section = 0;
                self.sections += 1;
                Ok(true)
            }
            FOOTER => {
                let complete = self.section == 0
                    && frame.rows == self.total
                    && frame.body == self.sections.to_le_bytes()
                    && self.reader.input.read(&mut [0])? == 0;
                if !complete {
                    return Err(self.reader.damaged("the footer's totals differ"));
                }
                self.ended = true;
                Ok(false)
            }
            _ => Err(self.reader.damaged("a section's count differs, or an unknown kind of frame")),
        }
    }

    fn part(&mut self) -> Result<&[u8], SnapshotError> {
        let cut = SnapshotError::Damaged { offset: self.reader.offset, why: "row cut short" };
        let Some(head) = self.block.get(self.at..self.at + 4) else {
            return Err(cut);
        };
        let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let start = self.at + 4;
        let Some(end) = start.checked_add(length).filter(|end| *end <= self.block.len()) else {
            return Err(cut);
        };
        self.at = end;
        Ok(&self.block[start..end])
    }
}

impl<R: Read> Iterator for Rows<R> {
    type Item = (RowKey, Vec<u8>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed.is_some() || self.ended {
            return None;
        }
        self.step().unwrap_or_else(|error| {
            self.failed = Some(error);
            None
        })
    }
}
