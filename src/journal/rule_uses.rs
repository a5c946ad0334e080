//! Counts which password rules opened files, so that later files are opened sooner.

use super::error::JournalError;
use super::privacy;
use super::reader::JournalReader;
use super::writer::Journal;
use crate::applicant::{RuleUse, RuleUses};

impl Journal {
    /// Adds the files that a rule opened.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed.
    pub fn add_rule_use(&mut self, used: &RuleUse) -> Result<(), JournalError> {
        let sql = "INSERT INTO rule_uses (bank, producer, rule, files) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (bank, producer, rule) DO UPDATE SET files = files + excluded.files";
        let values = (
            privacy::label(&used.bank),
            privacy::label(&used.producer),
            privacy::code(&used.rule),
            used.files,
        );
        self.change(|connection| connection.execute(sql, values).map(|_| ()))
    }
}

impl JournalReader {
    /// Returns the rules that opened accepted files. A journal of an earlier version has none.
    ///
    /// # Errors
    ///
    /// Returns an error if the journal cannot be read or is damaged.
    pub fn rule_uses(&self) -> Result<RuleUses, JournalError> {
        self.with_connection(|connection| {
            if !connection.table_exists(None, "rule_uses")? {
                return Ok(RuleUses::default());
            }
            let sql = "SELECT bank, producer, rule, files FROM rule_uses
                ORDER BY bank, producer, rule";
            let mut select = connection.prepare(sql)?;
            let rows = select.query_map([], |row| {
                Ok(RuleUse {
                    bank: row.get(0)?,
                    producer: row.get(1)?,
                    rule: row.get(2)?,
                    files: row.get(3)?,
                })
            })?;
            Ok(RuleUses(rows.collect::<rusqlite::Result<_>>()?))
        })
    }
}
