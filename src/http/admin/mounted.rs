//! Operations whose paths begin with the API's root: `/users` is served, and documented, as `/v1/users`.

use std::collections::HashMap;

use poem::endpoint::BoxEndpoint;
use poem::http::Method;
use poem_openapi::OpenApi;
use poem_openapi::registry::{MetaApi, Registry};

/// The API's root.
const ROOT: &str = "/v1";

/// Operations under [`ROOT`].
pub(super) struct UnderRoot<T>(pub T);

impl<T: OpenApi> OpenApi for UnderRoot<T> {
    fn meta() -> Vec<MetaApi> {
        let mut apis = T::meta();
        for path in apis.iter_mut().flat_map(|api| &mut api.paths) {
            path.path.insert_str(0, ROOT);
        }
        apis
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn add_routes(self, route_table: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        let mut own = HashMap::new();
        self.0.add_routes(&mut own);
        route_table.extend(own.into_iter().map(|(path, methods)| (format!("{ROOT}{path}"), methods)));
    }
}
