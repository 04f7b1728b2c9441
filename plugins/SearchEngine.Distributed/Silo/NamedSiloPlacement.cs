namespace SearchEngine.Distributed.Silo;

/// <summary>The placement of <see cref="NamedSiloAttribute"/>.</summary>
[GenerateSerializer, Immutable, Alias("SearchEngine.NamedSiloPlacement")]
internal sealed class NamedSiloPlacement : PlacementStrategy
{
    public static NamedSiloPlacement Instance { get; } = new();
}
