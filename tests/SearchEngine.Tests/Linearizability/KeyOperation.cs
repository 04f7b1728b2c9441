namespace SearchEngine.Tests.Linearizability;

/// <summary>What one operation did to, or saw of, one key, with the moments at which it was called and at which it returned.</summary>
/// <param name="Called">When it was called, on the clock of the history.</param>
/// <param name="Returned">When it returned.</param>
/// <param name="What">For the message of a failure.</param>
/// <param name="Apply">The state after it, or null where it cannot have happened in a state.</param>
internal sealed record KeyOperation(long Called, long Returned, string What, Func<RecordState, RecordState?> Apply)
{
    public override string ToString() => $"[{Called}, {Returned}] {What}";
}
