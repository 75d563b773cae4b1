//! `formez101` answers citizens who write to a Belgian police zone's pages: no urgent calls here, dial 101.
//!
//! The modules in reading order; each imports only from those above it. `docs/ARCHITECTURE.md` says why.

#![forbid(unsafe_code)]

pub mod clock;
pub mod model;
pub mod text;

pub mod hours;
pub mod http;
pub mod ledger;
pub mod reply;
pub mod triage;

pub mod auth;
pub mod config;

pub mod alert;
pub mod judge;
pub mod platform;

pub mod service;

pub mod cli;
pub mod sandbox;
