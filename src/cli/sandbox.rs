//! `formez101 sandbox`: the stand-in of the platforms alone, to rehearse a zone's file before going live.

use std::{path::Path, sync::Arc};

use tokio::net::TcpListener;

use super::{Exit, options::Sandbox as Options};
use crate::{
    clock::Clock,
    config::{self, Zone},
    sandbox::{Sandbox, Setup},
};

/// Serves until interrupted. The accounts are those of the zone's file, or made up.
pub async fn sandbox(config_dir: &Path, options: Options) -> Exit {
    if !options.listen.ip().is_loopback() {
        eprintln!("formez101: the sandbox listens on loopback only; {} is reachable from outside", options.listen);
        return Exit::Usage;
    }
    let setup = match &options.zone {
        None => Setup::default(),
        Some(zone) => match config::load(config_dir, zone, &[], &[]) {
            Ok(loaded) => accounts_of(&loaded.zone),
            Err(report) => {
                eprint!("{}", report.render(false));
                return Exit::Configuration;
            }
        },
    };
    let listener = match TcpListener::bind(options.listen).await {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("formez101: {} cannot be listened on: {error}", options.listen);
            return Exit::Unavailable;
        }
    };
    explain(&setup, &listener.local_addr().unwrap_or(options.listen).to_string());
    let clock = Clock::system();
    let stand_in = Sandbox::new(setup, Arc::new(move || clock.now().as_millisecond()));
    let interrupted = async {
        // Without a signal handler the sandbox runs until it is killed.
        let _ = tokio::signal::ctrl_c().await;
    };
    match stand_in.serve(listener, interrupted).await {
        Ok(()) => Exit::Well,
        Err(error) => {
            eprintln!("formez101: the sandbox cannot go on: {error}");
            Exit::Unavailable
        }
    }
}

/// The stand-in's accounts, called as in the zone's file.
pub fn accounts_of(zone: &Zone) -> Setup {
    let mut setup = Setup::default();
    if let Some(name) = zone.languages.first().and_then(|language| zone.facts.names.get(language)) {
        setup.page_name.clone_from(name);
    }
    if let Some(facebook) = &zone.facebook {
        setup.page_id.clone_from(&facebook.page);
    }
    if let Some(instagram) = &zone.instagram {
        setup.instagram_id.clone_from(&instagram.account);
    }
    if let Some(x) = &zone.x {
        setup.x_username.clone_from(&x.account);
    }
    if let Some(bluesky) = &zone.bluesky {
        setup.bluesky_handle.clone_from(&bluesky.account);
    }
    if let Some(mastodon) = &zone.mastodon {
        mastodon.username().clone_into(&mut setup.mastodon_username);
    }
    setup
}

fn explain(setup: &Setup, address: &str) {
    println!("sandbox on http://{address}; stop it with Ctrl-C\n");
    println!("In a copy of the zone's file:");
    println!("  [facebook]\n  page = \"{}\"\n  api_base = \"http://{address}\"\n  poll = \"1s\"", setup.page_id);
    println!(
        "  [instagram]\n  account = \"{}\"\n  api_base = \"http://{address}\"\n  poll = \"1s\"",
        setup.instagram_id
    );
    println!("  [x]\n  account = \"{}\"\n  api_base = \"http://{address}\"\n  poll = \"1s\"", setup.x_username);
    println!(
        "  [bluesky]\n  account = \"{}\"\n  api_base = \"http://{address}\"\n  poll = \"1s\"",
        setup.bluesky_handle
    );
    println!(
        "  [mastodon]\n  account = \"{}\"\n  api_base = \"http://{address}\"\n  poll = \"1s\"\n",
        setup.mastodon_username
    );
    println!("In the folder given with --credentials-dir:");
    println!("  facebook.token   {}\n  x.token          {}\n", setup.facebook_token, setup.x_token);
    println!("  bluesky.app-password  {}\n  mastodon.token   {}\n", setup.bluesky_app_password, setup.mastodon_token);
    println!("For an Instagram account with its own login (login = \"instagram\"):");
    println!("  instagram.token  {}\n", setup.instagram_token);
    println!(
        "To rehearse `formez101 login` there: app_id = \"{}\" in [facebook], \"{}\" in [instagram], and",
        setup.facebook_app_id, setup.instagram_app_id
    );
    println!("  facebook.app-secret   {}", setup.facebook_app_secret);
    println!("  instagram.app-secret  {}\n", setup.instagram_app_secret);
    println!("There too, so that the X token renews itself:");
    println!("  x.refresh-token  {}\n  x.client-id      {}", setup.x_refresh_token, setup.x_client_id);
    println!("  x.client-secret  {}\n", setup.x_client_secret);
    println!("Or, for calls that are signed (OAuth 1.0a):");
    println!("  x.oauth1-consumer-key     {}", setup.x_consumer_key);
    println!("  x.oauth1-consumer-secret  {}", setup.x_consumer_secret);
    println!("  x.oauth1-token            {}", setup.x_user_token);
    println!("  x.oauth1-token-secret     {}\n", setup.x_user_secret);
    println!("A citizen writes:");
    println!(
        "  curl http://{address}/control/say -d '{{\"feed\": \"facebook.inbox\", \"from\": \"Jan Voorbeeld\", \"text\": \"Er staat een dronken man aan mijn deur\"}}'"
    );
    println!("What everybody sees:\n  curl http://{address}/control/world");
}
