namespace SearchEngine.Cli.Tests;

/// <summary>Tests of one collection run one after another: a database belongs to one process at a time.</summary>
[CollectionDefinition(Name)]
public sealed class DatabaseTests : ICollectionFixture<IngestedDatabase>
{
    public const string Name = "database";
}
