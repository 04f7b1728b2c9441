using SearchEngine.Hosting;

namespace SearchEngine.Cli.Arguments;

/// <summary>Which database, and how it is opened.</summary>
/// <param name="Directory">Its folder, absolute.</param>
/// <param name="DisplayName">Its folder as the user wrote it, or the cluster in its place, for messages.</param>
/// <param name="Settings">Memory, durability and checkpoints.</param>
internal sealed record DatabasePlan(string Directory, string DisplayName, DatabaseSettings Settings);
