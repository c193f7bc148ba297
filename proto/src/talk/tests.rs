//! Streams that break, and what is said of the questions on them.

use super::*;

/// What can be asked of a peer that takes as many questions as it says and then breaks the stream.
async fn asked(takes: usize, code: Code) -> (Talk, Vec<Unanswered>) {
    let talk = Talk::open(move |mut questions| {
        Box::pin(async move {
            for _ in 0..takes {
                questions.next().await;
            }
            Err(Status::new(code, "broken"))
        })
    });
    let ask = |text: &'static str| talk.ask(Subject::Unspecified, Bytes::from_static(text.as_bytes()));
    let answers = futures::future::join(ask("one"), ask("two")).await;
    let unanswered = [answers.0, answers.1].map(|answer| answer.unwrap_err()).into();
    (talk, unanswered)
}

#[tokio::test]
async fn a_broken_stream_says_which_questions_nobody_has_seen() {
    let (talk, unanswered) = asked(1, Code::Unavailable).await;
    assert_eq!(unanswered.iter().map(|one| one.sent).collect::<Vec<_>>(), [true, false]);
    assert!(talk.ended() && !talk.unknown());
    let late = talk.ask(Subject::Unspecified, Bytes::new()).await.unwrap_err();
    assert!(!late.sent, "nothing is sent on a stream that has ended");
}

#[tokio::test]
async fn a_peer_that_knows_no_stream_has_seen_nothing() {
    let (talk, unanswered) = asked(0, Code::Unimplemented).await;
    assert!(talk.unknown() && unanswered.iter().all(|one| !one.sent));
}

#[tokio::test]
async fn a_question_whose_asker_gave_up_is_not_sent() {
    let (sender, first) = oneshot::channel();
    let (go, may_read) = oneshot::channel::<()>();
    let talk = Talk::open(move |mut questions| {
        Box::pin(async move {
            may_read.await.unwrap();
            sender.send(questions.next().await.map(|question| question.body)).unwrap();
            Err(lost())
        })
    });
    {
        let mut given_up = Box::pin(talk.ask(Subject::Unspecified, Bytes::from_static(b"given up")));
        assert!(futures::poll!(&mut given_up).is_pending());
    }
    let mut asked = Box::pin(talk.ask(Subject::Unspecified, Bytes::from_static(b"asked")));
    assert!(futures::poll!(&mut asked).is_pending());
    go.send(()).unwrap();
    assert!(asked.await.unwrap_err().sent);
    assert_eq!(first.await.unwrap().unwrap(), "asked");
}

/// A stream that breaks as soon as it is opened.
fn broken(code: Code) -> Result<Talk, Status> {
    Ok(Talk::open(move |questions| {
        Box::pin(async move {
            drop(questions);
            Err(Status::new(code, "broken"))
        })
    }))
}

#[tokio::test]
async fn a_peer_that_is_only_called_is_tried_again_when_it_was_gone() {
    let talks = Talks::default();
    let first = talks.get("a:1", || broken(Code::Unimplemented)).unwrap().unwrap();
    first.ask(Subject::Unspecified, Bytes::new()).await.unwrap_err();
    assert!(talks.get("a:1", || broken(Code::Internal)).unwrap().is_none());
    talks.forget_unknown("a:1");
    let second = talks.get("a:1", || broken(Code::Unavailable)).unwrap().unwrap();
    second.ask(Subject::Unspecified, Bytes::new()).await.unwrap_err();
    talks.forget_unknown("a:1");
    let third = talks.get("a:1", || broken(Code::Unavailable)).unwrap().unwrap();
    assert!(!Arc::ptr_eq(&second, &third), "a stream that has ended is opened anew");
}
