//! The handle that openraft streams a snapshot through: a file that remembers its path.
//!
//! It holds no format; `snapshot_format` reads and writes the bytes.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};

use crate::disk::{self, Disk};
use crate::world;

/// A snapshot file being read or received.
pub(crate) struct SnapshotFile {
    file: Either,
    path: PathBuf,
    /// Where it is received; what was not kept under another name goes with it, or every transfer that broke off would
    /// hold room until the next start.
    received: Option<Disk>,
}

/// Real files are read and written on threads that may block; a simulation has none.
enum Either {
    Real(File),
    #[cfg(feature = "simulation")]
    Simulated(disk::simulated::SimulatedFile),
}

impl From<disk::File> for Either {
    fn from(file: disk::File) -> Either {
        match file {
            disk::File::Real(file) => Either::Real(File::from_std(file)),
            #[cfg(feature = "simulation")]
            disk::File::Simulated(file) => Either::Simulated(file),
        }
    }
}

impl SnapshotFile {
    /// Opens a finished snapshot for reading.
    pub(crate) async fn open(disk: &Disk, path: &Path) -> io::Result<SnapshotFile> {
        let (disk, path) = (disk.clone(), path.to_path_buf());
        let opened = world::blocking(move || disk.open(&path).map(|file| (file, path))).await;
        let (file, path) = opened.map_err(io::Error::other)??;
        Ok(SnapshotFile { file: file.into(), path, received: None })
    }

    /// Creates an empty file to receive into.
    pub(crate) async fn create(disk: &Disk, path: &Path) -> io::Result<SnapshotFile> {
        let (disk, path, received) = (disk.clone(), path.to_path_buf(), Some(disk.clone()));
        let created = world::blocking(move || disk.create(&path).map(|file| (file, path))).await;
        let (file, path) = created.map_err(io::Error::other)??;
        Ok(SnapshotFile { file: file.into(), path, received })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts what was received on disk.
    pub(crate) async fn sync(&mut self) -> io::Result<()> {
        use tokio::io::AsyncWriteExt;
        match &mut self.file {
            Either::Real(file) => {
                file.flush().await?;
                file.sync_all().await
            }
            #[cfg(feature = "simulation")]
            Either::Simulated(file) => file.sync(),
        }
    }
}

impl Drop for SnapshotFile {
    fn drop(&mut self) {
        if let Some(disk) = &self.received {
            // Kept: it has another name by now.
            let _ = disk.remove_file(&self.path);
        }
    }
}

impl AsyncRead for SnapshotFile {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().file {
            Either::Real(file) => Pin::new(file).poll_read(cx, buf),
            #[cfg(feature = "simulation")]
            Either::Simulated(file) => {
                let read = file.read(buf.initialize_unfilled());
                Poll::Ready(read.map(|read| buf.advance(read)))
            }
        }
    }
}

impl AsyncWrite for SnapshotFile {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().file {
            Either::Real(file) => Pin::new(file).poll_write(cx, bytes),
            #[cfg(feature = "simulation")]
            Either::Simulated(file) => Poll::Ready(file.write(bytes)),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().file {
            Either::Real(file) => Pin::new(file).poll_flush(cx),
            #[cfg(feature = "simulation")]
            Either::Simulated(_) => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().file {
            Either::Real(file) => Pin::new(file).poll_shutdown(cx),
            #[cfg(feature = "simulation")]
            Either::Simulated(_) => Poll::Ready(Ok(())),
        }
    }
}

impl AsyncSeek for SnapshotFile {
    fn start_seek(self: Pin<&mut Self>, position: io::SeekFrom) -> io::Result<()> {
        match &mut self.get_mut().file {
            Either::Real(file) => Pin::new(file).start_seek(position),
            #[cfg(feature = "simulation")]
            Either::Simulated(file) => file.seek(position),
        }
    }

    fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        match &mut self.get_mut().file {
            Either::Real(file) => Pin::new(file).poll_complete(cx),
            #[cfg(feature = "simulation")]
            Either::Simulated(file) => Poll::Ready(Ok(file.place())),
        }
    }
}
