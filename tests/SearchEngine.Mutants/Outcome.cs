using System.Globalization;

namespace SearchEngine.Mutants;

/// <summary>What became of a mutant.</summary>
/// <param name="Name">The mutant's short name.</param>
/// <param name="State">caught, timeout (caught too), survived, or unreached: no test runs its place.</param>
/// <param name="By">The test that failed, or how many passed.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record Outcome(string Name, string State, string By, double Seconds)
{
    public bool IsCaught => State is "caught" or "timeout";

    /// <summary>All that was written down, the oldest first: a mutant that was run again stands there again.</summary>
    public static IReadOnlyList<Outcome> Read(string path) =>
        !File.Exists(path)
            ? []
            :
            [
                .. File.ReadAllLines(path)
                    .Select(line => line.Split('\t'))
                    .Select(parts => new Outcome(parts[0], parts[1], parts[2], double.Parse(parts[3], CultureInfo.InvariantCulture))),
            ];
}
