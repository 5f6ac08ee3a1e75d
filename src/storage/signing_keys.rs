//! Reading the keys that sign access tokens.

use super::statement::{Arg, Statement};
use super::{Storage, StorageError};
use crate::model::{SigningKey, Timestamp};

impl Storage {
    /// The key that signs, and those that were retired after this time; the newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_signing_keys(&self, retired_after: Timestamp) -> Result<Vec<SigningKey>, StorageError> {
        let statement = Statement::fixed(
            "SELECT id, algorithm, public_key, private_key, created_at, retired_at FROM signing_keys \
             WHERE retired_at IS NULL OR retired_at > $1 ORDER BY created_at DESC, id DESC",
            [Arg::integer(retired_after.0)],
        );
        self.database.fetch_all(statement).await
    }
}
