using Orleans.Placement;

namespace SearchEngine.Distributed.Silo;

/// <summary>Puts a grain on the silo whose name is its key.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class NamedSiloAttribute() : PlacementAttribute(NamedSiloPlacement.Instance);
