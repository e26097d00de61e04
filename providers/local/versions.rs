//! What a bucket's operator does before an object is replaced or deleted: it keeps the version before,
//! if the bucket keeps versions.

use std::sync::Arc;

use opendal::raw::*;
use opendal::{
    Buffer, BytesRange, Capability, Error, ErrorKind, Metadata, OperationContext, Result,
};
use skyform_provider_sdk::Problem;

use crate::buckets::Buckets;

/// The layer over a bucket's folder.
#[derive(Clone, Debug)]
pub(crate) struct KeepVersions {
    pub(crate) buckets: Buckets,
    pub(crate) bucket: String,
}

impl Layer for KeepVersions {
    fn apply_service(&self, inner: Servicer) -> Servicer {
        Arc::new(Versioned { inner, keep: self.clone() })
    }
}

impl KeepVersions {
    /// Puts what is there now with the versions before it.
    async fn keep(&self, key: &str) -> Result<()> {
        let (keep, key) = (self.clone(), key.to_owned());
        let kept = tokio::task::spawn_blocking(move || keep.buckets.keep(&keep.bucket, &key)).await;
        match kept {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Problem { detail, .. })) => Err(Error::new(ErrorKind::Unexpected, detail)),
            Err(error) => Err(Error::new(ErrorKind::Unexpected, error.to_string())),
        }
    }
}

#[derive(Debug)]
struct Versioned {
    inner: Servicer,
    keep: KeepVersions,
}

impl Service for Versioned {
    type Reader = oio::Reader;
    type Writer = VersionedWriter;
    type Lister = oio::Lister;
    type Deleter = VersionedDeleter;
    type Copier = oio::Copier;
    type Composer = oio::Composer;

    fn info(&self) -> ServiceInfo {
        self.inner.info()
    }

    fn capability(&self) -> Capability {
        // Both would pass by the versions; without them, operators read and write.
        Capability { copy: false, rename: false, ..self.inner.capability() }
    }

    async fn create_dir(
        &self,
        context: &OperationContext,
        path: &str,
        args: OpCreateDir,
    ) -> Result<RpCreateDir> {
        self.inner.create_dir(context, path, args).await
    }

    async fn stat(&self, context: &OperationContext, path: &str, args: OpStat) -> Result<RpStat> {
        self.inner.stat(context, path, args).await
    }

    fn read(&self, context: &OperationContext, path: &str, args: OpRead) -> Result<oio::Reader> {
        self.inner.read(context, path, args)
    }

    fn write(
        &self,
        context: &OperationContext,
        path: &str,
        args: OpWrite,
    ) -> Result<VersionedWriter> {
        let inner = self.inner.write(context, path, args)?;
        Ok(VersionedWriter { inner, keep: self.keep.clone(), key: path.to_owned() })
    }

    fn delete(&self, context: &OperationContext) -> Result<VersionedDeleter> {
        Ok(VersionedDeleter { inner: self.inner.delete(context)?, keep: self.keep.clone() })
    }

    fn list(&self, context: &OperationContext, path: &str, args: OpList) -> Result<oio::Lister> {
        self.inner.list(context, path, args)
    }

    fn copy(&self, _: &OperationContext, _: &str, _: &str, _: OpCopy) -> Result<oio::Copier> {
        Err(passes_by())
    }

    async fn rename(
        &self,
        _: &OperationContext,
        _: &str,
        _: &str,
        _: OpRename,
    ) -> Result<RpRename> {
        Err(passes_by())
    }

    async fn presign(&self, _: &OperationContext, _: &str, _: OpPresign) -> Result<RpPresign> {
        Err(Error::new(ErrorKind::Unsupported, "a folder has no signed URLs"))
    }
}

fn passes_by() -> Error {
    Error::new(ErrorKind::Unsupported, "it would pass by the bucket's versions")
}

struct VersionedWriter {
    inner: oio::Writer,
    keep: KeepVersions,
    key: String,
}

impl oio::Write for VersionedWriter {
    async fn write(&mut self, bytes: Buffer) -> Result<()> {
        self.inner.write(bytes).await
    }

    async fn copy_from(&mut self, path: &str, args: OpRead, range: BytesRange) -> Result<()> {
        self.inner.copy_from(path, args, range).await
    }

    async fn close(&mut self) -> Result<Metadata> {
        self.keep.keep(&self.key).await?;
        self.inner.close().await
    }

    async fn abort(&mut self) -> Result<()> {
        self.inner.abort().await
    }
}

struct VersionedDeleter {
    inner: oio::Deleter,
    keep: KeepVersions,
}

impl oio::Delete for VersionedDeleter {
    async fn delete(&mut self, path: &str, args: OpDelete) -> Result<()> {
        self.keep.keep(path).await?;
        self.inner.delete(path, args).await
    }

    async fn close(&mut self) -> Result<()> {
        self.inner.close().await
    }
}
