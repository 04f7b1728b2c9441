namespace SearchEngine.Mutants;

/// <summary>What became of a mutant.</summary>
/// <param name="Name">The mutant's short name.</param>
/// <param name="State">caught, timeout (caught too), survived, or unreached: no test runs its place.</param>
/// <param name="By">The test that failed, or how many passed.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record Outcome(string Name, string State, string By, double Seconds)
{
    public bool IsCaught => State is "caught" or "timeout";
}
