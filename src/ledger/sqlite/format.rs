//! The format of the file: whether it is in order, and how an older one is brought up to date with a way back.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

use sqlx::{
    SqlSafeStr as _, SqliteConnection,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};

use super::copy;
use crate::ledger::LedgerError;

/// The migrations, oldest first. An older binary refuses a ledger that holds a later one.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "ledger", include_str!("../migrations/0001_ledger.sql")),
    (2, "two ways", include_str!("../migrations/0002_two_ways.sql")),
    (3, "opt outs", include_str!("../migrations/0003_opt_outs.sql")),
    (4, "languages", include_str!("../migrations/0004_languages.sql")),
];

/// Whether every page of the file can be read and has its place.
pub async fn check(connection: &mut SqliteConnection) -> Result<(), LedgerError> {
    let verdict: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(connection).await?;
    in_order(&verdict)
}

/// What a check of SQLite's says; the last line says it all, the one before it names the file.
pub fn in_order(verdict: &str) -> Result<(), LedgerError> {
    if verdict == "ok" {
        return Ok(());
    }
    Err(LedgerError::Damaged(verdict.lines().last().unwrap_or_default().to_owned()))
}

/// Whether the file is of the format that this version writes.
pub async fn is_current(connection: &mut SqliteConnection, file: &Path) -> Result<(), LedgerError> {
    let known = newest();
    match format_of(connection).await? {
        found if found > known => Err(LedgerError::TooNew { found, known, way_back: way_back(file, known) }),
        found if found < known => Err(LedgerError::TooOld { found, known }),
        _ => Ok(()),
    }
}

fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |(version, ..)| *version)
}

/// Runs the migrations that the file has not seen; an older format is copied beside it first.
pub async fn bring_up_to_date(connection: &mut SqliteConnection, file: &Path) -> Result<(), LedgerError> {
    let known = newest();
    let too_new = |found| LedgerError::TooNew { found, known, way_back: way_back(file, known) };
    let found = format_of(connection).await?;
    if found > known {
        return Err(too_new(found));
    }
    if found > 0 && found < known {
        copy::keep(connection, &kept_format(file, found), None).await?;
    }
    let migrations = MIGRATIONS
        .iter()
        .map(|&(version, name, sql)| {
            Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql.into_sql_str(), false)
        })
        .collect();
    match Migrator::with_migrations(migrations).run(connection).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(found)) => Err(too_new(found)),
        Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => Err(error.into()),
        Err(other) => Err(LedgerError::Damaged(other.to_string())),
    }
}

/// The last migration that the file has seen; zero for a new one.
async fn format_of(connection: &mut SqliteConnection) -> Result<i64, LedgerError> {
    let tables: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'")
        .fetch_one(&mut *connection)
        .await?;
    if tables == 0 {
        return Ok(0);
    }
    Ok(sqlx::query_scalar("SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations").fetch_one(connection).await?)
}

/// Where the copy of an older format is kept.
fn kept_format(file: &Path, format: i64) -> PathBuf {
    file.with_extension(format!("format-{format}.sqlite"))
}

/// How to go back to a format that this version knows, in words.
fn way_back(file: &Path, known: i64) -> String {
    let kept = (1..=known).rev().map(|format| kept_format(file, format)).find(|kept| kept.exists());
    let copy = kept.map_or_else(
        || "a back-up that this version made".to_owned(),
        |kept| format!("{}, which was kept at the upgrade", kept.display()),
    );
    let file = file.display();
    format!(
        "Install that version again. Or go back: delete {file}, {file}-wal and {file}-shm, and put in the place of {file} {copy}. \
         Replies given since are missing in it, so for the length of the cool-down each one is looked for on the platform before it is posted"
    )
}
