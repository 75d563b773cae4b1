//! The person behind the tokens: his Pages, what he granted, and what is known of a token.

use serde_json::{Map, Value, json};

use super::super::time::SECOND;
use super::super::wire::Call;
use super::super::world::World;
use super::error::GraphError;
use super::fields::Field;
use super::grants::Grant;
use super::node::{Node, Scene};
use super::page::{Item, LIMIT_MAX, Window};
use super::shape::{self, Kind};
use super::token::{self, Caller};

/// One field of a Page: 0 is the zone's own, the others follow in the order of the settings.
pub fn page_field<'a>(scene: &Scene<'a>, index: usize, field: &'a Field) -> Result<Option<Value>, GraphError> {
    let world = scene.world;
    let other = index.checked_sub(1).and_then(|at| world.settings.meta.graph_other_pages.get(at));
    let name = other.map_or(&world.setup.page_name, |page| &page.name);
    let tasks = other.map_or(&world.settings.meta.graph_page_tasks, |page| &page.tasks);
    Ok(match field.name.as_str() {
        "name" => Some(json!(name)),
        "username" => other.is_none().then(|| json!(world.setup.x_username)),
        "link" => Some(json!(format!("https://www.facebook.com/{}", page_id(world, index)))),
        "category" => Some(json!("Police Station")),
        "category_list" => Some(json!([{"id": "2258", "name": "Police Station"}])),
        // Who asks with the token of a Page gets that token; a person gets the one that came with his.
        "access_token" => {
            let token = scene.token();
            let grant = world.grant(&token);
            match scene.caller {
                Caller::User => grant.and_then(|grant| grant.pages.get(index).cloned()).map(|token| json!(token)),
                _ => Some(json!(token)),
            }
        }
        "tasks" if scene.caller == Caller::User => Some(json!(tasks)),
        "instagram_business_account" | "connected_instagram_account"
            if other.is_none() && world.settings.meta.instagram_linked =>
        {
            Some(scene.read(Node::Account, &field.below)?)
        }
        _ => None,
    })
}

/// The id of a Page; 0 is the zone's own.
pub fn page_id(world: &World, index: usize) -> &String {
    let other = index.checked_sub(1).and_then(|at| world.settings.meta.graph_other_pages.get(at));
    other.map_or(&world.setup.page_id, |page| &page.id)
}

/// The place of the Page of that id.
pub fn page_index(world: &World, id: &str) -> Option<usize> {
    (0..=world.settings.meta.graph_other_pages.len()).find(|&index| page_id(world, index) == id)
}

/// `GET /me/accounts`: the Pages of a person, each with its token.
pub fn pages(world: &mut World, call: &Call) -> Result<Value, GraphError> {
    super::known_parameters(world, call, &["fields", "limit", "after"]);
    let wanted = super::wanted(call)?;
    shape::check(Kind::Page, &wanted, &world.settings)?;
    let window = Window::read(call.param("limit"), call.param("after"), true, LIMIT_MAX, &world.settings)?;
    let scene = Scene::new(world, call, Caller::User);
    let grant = world.grant(&scene.token());
    let meta = &world.settings.meta;
    let shown = |grant: &Grant| meta.graph_accounts_listed && grant.may("pages_show_list", world.now());
    let count = grant.filter(shown).map_or(0, |grant| grant.pages.len().min(meta.graph_other_pages.len() + 1));
    let items: Vec<Item> = (0..count).map(|at| Item { key: (0, at as u64), node: Node::Page(at) }).collect();
    let fields = |name: &&str| Field { name: (*name).to_owned(), modifiers: Vec::new(), below: Vec::new() };
    let standard = ["access_token", "category", "category_list", "name", "tasks"];
    let standard: Vec<Field> = standard.iter().map(fields).collect();
    let wanted = if wanted.is_empty() { &standard } else { &wanted };
    scene.edge(&items, &window, wanted, "me/accounts", &call.query)
}

/// `GET /me` of a person.
pub fn person(world: &World, call: &Call) -> Result<Value, GraphError> {
    let all = json!({"id": world.setup.facebook_user_id, "name": "Medewerker Communicatie"});
    let mut shown = Map::from_iter([("id".to_owned(), all["id"].clone())]);
    let wanted = super::wanted(call)?;
    let names: Vec<&str> = wanted.iter().map(|field| field.name.as_str()).collect();
    for name in if names.is_empty() { &["name"][..] } else { &names } {
        let value = all.get(*name).ok_or_else(|| {
            GraphError::parameter(format!("Tried accessing nonexisting field ({name}) on node type (User)"))
        })?;
        shown.insert((*name).to_owned(), value.clone());
    }
    Ok(Value::Object(shown))
}

/// `GET /me/permissions`: what the person granted and what he declined.
pub fn permissions(world: &World, call: &Call) -> Value {
    let grant = token::given(call).and_then(|token| world.grant(&token));
    let one = |scopes: &[String], status: &str| -> Vec<Value> {
        scopes.iter().map(|scope| json!({"permission": scope, "status": status})).collect()
    };
    let data = grant.map(|grant| [one(&grant.scopes, "granted"), one(&grant.declined, "declined")].concat());
    json!({"data": data.unwrap_or_default()})
}

/// `GET /debug_token`: what is known of a token. Any token of the application may ask.
pub fn debug(world: &mut World, call: &Call, asker: Caller) -> Result<Value, GraphError> {
    super::known_parameters(world, call, &["input_token"]);
    if asker == Caller::Instagram {
        return Err(GraphError::new(190, "Invalid OAuth access token - Cannot parse access token"));
    }
    let input =
        call.param("input_token").ok_or_else(|| GraphError::parameter("The parameter input_token is required"))?;
    // Tokens of Instagram Login are unknown here.
    let Some(grant) = world.grant(input).filter(|grant| grant.caller != Caller::Instagram) else {
        let error = json!({"code": 190, "message": "The access token could not be decrypted"});
        return Ok(json!({"data": {"error": error, "is_valid": false, "scopes": []}}));
    };
    let mut data = known(world, &grant);
    if let Some(subcode) = grant.refusal(world.now()) {
        let message = token::ended(world, subcode).message;
        data["is_valid"] = json!(false);
        data["error"] = json!({"code": 190, "message": message, "subcode": subcode});
        data["scopes"] = json!([]);
    }
    Ok(json!({"data": data}))
}

fn known(world: &World, grant: &Grant) -> Value {
    let kind = match grant.caller {
        Caller::User => "USER",
        Caller::App => "APP",
        _ => "PAGE",
    };
    let seconds = |at: Option<i64>| at.unwrap_or(0) / SECOND;
    let pages: Vec<&String> = match grant.caller {
        Caller::User => (0..grant.pages.len()).map(|index| page_id(world, index)).collect(),
        Caller::OtherPage(index) => vec![page_id(world, index + 1)],
        _ => vec![&world.setup.page_id],
    };
    let granular = grant.scopes.iter().map(|scope| {
        let targets = if scope.starts_with("instagram_") { vec![&world.setup.instagram_id] } else { pages.clone() };
        json!({"scope": scope, "target_ids": targets})
    });
    let mut data = json!({
        "app_id": world.setup.facebook_app_id, "type": kind, "application": "sandbox", "is_valid": true,
        "issued_at": grant.issued / SECOND, "expires_at": seconds(grant.ends),
        "data_access_expires_at": seconds(grant.data_access_ends), "scopes": grant.scopes,
        "granular_scopes": granular.collect::<Vec<Value>>(),
    });
    if grant.caller != Caller::App {
        data["user_id"] = json!(world.setup.facebook_user_id);
    }
    if kind == "PAGE" {
        data["profile_id"] = json!(grant.caller.id(world));
    }
    data
}
