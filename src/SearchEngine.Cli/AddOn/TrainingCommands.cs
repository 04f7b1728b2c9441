using System.CommandLine;
using SearchEngine.Cli.Output;

namespace SearchEngine.Cli;

/// <summary>
/// The commands that train and measure models are in a program of their own, which brings libtorch and what draws: <see cref="HandOver"/> finds
/// it. That program has another class of this name in the place of this.
/// </summary>
internal static class TrainingCommands
{
    private static readonly Dictionary<string, string> Descriptions = new(StringComparer.Ordinal)
    {
        ["train"] = "Adapt a decoder into an embedder, step by step (add-on searchengine-training)",
        ["eval"] = "Measure quality on labelled sets (add-on searchengine-training)",
    };

    /// <summary>The commands' names, for the help of the whole; <see cref="HandOver"/> runs them.</summary>
    public static IEnumerable<Command> Build(CliConsole console) =>
        Descriptions.Select(pair => new Command(pair.Key, pair.Value) { TreatUnmatchedTokensAsErrors = false });

    /// <summary>Whether a word is the name of one of them.</summary>
    public static bool Have(string name) => Descriptions.ContainsKey(name);
}
