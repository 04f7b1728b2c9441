namespace SearchEngine.Training.Tests;

/// <summary>All tests of this project run one after the other: training seeds torch's one generator of the process.</summary>
[CollectionDefinition(Name)]
public sealed class Serial
{
    public const string Name = "serial";
}
