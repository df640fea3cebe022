//! What is sent: texts that are almost a cached secret.

use super::*;

#[tokio::test]
async fn attack_texts_that_are_almost_a_cached_secret() {
    let (app, process) = served().await;
    for secret in Secret::both(&app, "me:read").await {
        process.knows(&secret).await;
        let mut altered = 0;
        while let Some(almost) = secret.altered(altered) {
            process.turns_away(&almost).await;
            altered += 1;
        }
        assert!(altered >= 64, "{altered}");
        process.knows(&secret).await;
    }
}
