using SearchEngine.Cli.Arguments;

namespace SearchEngine.Cli.Commands.Collections;

/// <summary>What <c>collection move</c> is to do.</summary>
/// <param name="Name">The collection.</param>
/// <param name="From">Where it is.</param>
/// <param name="To">Where it goes.</param>
/// <param name="Removes">Whether it is deleted where it was.</param>
/// <param name="AsJson">Whether the result is JSON.</param>
internal sealed record CollectionMovePlan(string Name, DatabasePlan From, DatabasePlan To, bool Removes, bool AsJson);
