//! Codes that are given twice at the same moment, to one server and to several.

use provost::model::change::{ChangeSet, CredentialChange};
use provost::model::{MfaChange, Timestamp, UserId};
use provost::storage::StorageError;
use serde_json::json;

use super::{PASSWORD, refused, text, timed};
use crate::support::crowd;

timed! {
    /// Of many who give one code at once, one has it taken.
    async fn one_code_lets_one_in(timed: Timed) {
        let ada = timed.person("ada", json!({})).await;
        let factor = timed.enrolled(&ada, json!({})).await;
        for code in [timed.code(&factor.secret, 0), factor.recovery_codes[3].clone()] {
            let answers = crowd(8, |_| {
                let (ada, body) = (ada.clone(), json!({ "code": code }));
                async move { ada.post("/auth/mfa", body).await }
            })
            .await;
            let taken = answers.iter().filter(|answer| answer.status == 201).count();
            let others = answers.iter().filter(|answer| answer.status != 201).map(refused);
            assert_eq!(taken, 1);
            let refusals = [(422, "invalid_code"), (429, "too_many_attempts")];
            assert!(others.into_iter().all(|refusal| refusals.contains(&refusal)));
            timed.forgive(&ada).await;
        }
    }

    /// The database decides, so that it holds for servers that know nothing of each other.
    async fn the_database_lets_one_code_be_used_once(timed: Timed) {
        let ada = timed.person("ada", json!({})).await;
        timed.enrolled(&ada, json!({})).await;
        let (tenant, user) = (timed.app.tenant.id, UserId(ada.id.parse().unwrap()));
        let storage = &timed.app.provisioning.storage;
        let factor = storage.list_factors(tenant, user).await.unwrap().remove(0);
        let written = async |change: MfaChange| {
            let mut changes = ChangeSet::new(tenant);
            changes.credentials.push(CredentialChange::Mfa(change));
            storage.commit(changes).await
        };
        let at = Timestamp(1);
        let step = |step: i64| MfaChange::UseStep { user_id: user, id: factor.id, step, at };
        let next = factor.last_step + 1;
        let (one, other) = tokio::join!(written(step(next)), written(step(next)));
        let results = [one, other];
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        assert!(results.contains(&Err(StorageError::Stale)), "{results:?}");
        assert_eq!(written(step(next - 1)).await, Err(StorageError::Stale));
        assert_eq!(written(step(next + 1)).await, Ok(()));

        let hashes = vec![[1; 32], [2; 32]];
        assert_eq!(written(MfaChange::SetRecoveryCodes { user_id: user, hashes, at }).await, Ok(()));
        let code = |byte: u8| MfaChange::UseRecoveryCode { user_id: user, hash: [byte; 32], at };
        let (one, other) = tokio::join!(written(code(1)), written(code(1)));
        let results = [one, other];
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        assert_eq!(written(code(3)).await, Err(StorageError::Stale));
        assert_eq!(written(code(2)).await, Ok(()));
        assert_eq!(storage.recovery_codes_left(tenant, user).await, Ok(0));

        // What others remove, or confirm, in between is seen.
        let again = MfaChange::ConfirmFactor { user_id: user, id: factor.id, step: 1, confirmed: 1, at };
        assert_eq!(written(again).await, Err(StorageError::Stale));
        assert_eq!(written(MfaChange::RemoveFactors { user_id: user }).await, Ok(()));
        assert_eq!(written(step(next + 2)).await, Err(StorageError::Stale));
        assert_eq!(written(MfaChange::RemoveFactor { user_id: user, id: factor.id }).await, Err(StorageError::Stale));
        let hashes = vec![[4; 32]];
        assert_eq!(written(MfaChange::SetRecoveryCodes { user_id: user, hashes, at }).await, Err(StorageError::Stale));
    }

    /// Of two who confirm one factor at once, one is shown the recovery codes, and they are the ones that work.
    async fn a_factor_is_confirmed_once(timed: Timed) {
        let ada = timed.person("ada", json!({})).await;
        let begun = ada.post("/auth/mfa", json!({ "password": PASSWORD })).await.expect(201);
        let path = format!("/auth/mfa/{}/confirm", text(&begun, "id"));
        let code = timed.code(&text(&begun, "secret"), 0);
        let answers = crowd(8, |_| {
            let (ada, path, body) = (ada.clone(), path.clone(), json!({ "code": code }));
            async move { ada.post(&path, body).await }
        })
        .await;
        let confirmed: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
        let others = answers.iter().filter(|answer| answer.status != 200).map(refused);
        assert_eq!(confirmed.len(), 1);
        assert!(others.into_iter().all(|refusal| refusal == (409, "factor_confirmed")));
        let code = confirmed[0].body["recovery_codes"][0].as_str().unwrap();
        ada.post("/auth/mfa", json!({ "code": code })).await.expect(201);
    }
}
