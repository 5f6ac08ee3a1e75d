//! Further servers on the database of a [`TestApp`], as processes beside it would be.

use provost::app::App;
use provost::config::Settings;
use provost::model::Clock;
use tokio::sync::oneshot;

use super::{Client, TestApp};

/// Another server, which shares nothing with the first but the database.
pub struct ServerBeside {
    /// The first server's token at this one.
    pub client: Client,
    stop: Option<oneshot::Sender<()>>,
}

impl TestApp {
    /// Starts another server on the same database.
    pub async fn server_beside(&self) -> ServerBeside {
        let settings = Settings {
            database: self.database_url().to_owned(),
            secret_key_file: Some(self._database.key_file()),
            listen: ([127, 0, 0, 1], 0).into(),
            access_log: false,
            postgres_connections: 16,
            ..Settings::default()
        };
        let app = App::open(&settings, Clock::system()).await.expect("the server opens the database");
        let client = Client::new(&app.provisioning.base_url, &self.client.token);
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(async move {
            let until = async {
                let _ = stopped.await;
            };
            app.serve(until).await.expect("the server ends in order");
        });
        ServerBeside { client, stop: Some(stop) }
    }
}

impl Drop for ServerBeside {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}
