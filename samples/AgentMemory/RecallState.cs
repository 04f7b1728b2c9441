namespace SearchEngine.Samples.AgentMemory;

/// <summary>What <see cref="RecallProvider"/> keeps with a session, and goes with the session where that is serialized.</summary>
/// <param name="User">Who talks.</param>
/// <param name="Conversation">Names the session: what was said in it is in its own history already.</param>
internal sealed record RecallState(string User, string Conversation);
