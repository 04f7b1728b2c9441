using Orleans.Runtime.Placement;

namespace SearchEngine.Distributed.Silo;

/// <summary>Finds the silo of a name among those that are alive.</summary>
internal sealed class NamedSiloDirector(IClusterMembershipService membership) : IPlacementDirector
{
    /// <exception cref="OrleansException">No silo of that name is alive.</exception>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var name = target.GrainIdentity.Key.ToString();
        var silos = context.GetCompatibleSilos(target);
        var member = membership
            .CurrentSnapshot.Members.Values.Where(member => member.Name == name && member.Status == SiloStatus.Active)
            .MaxBy(member => member.SiloAddress.Generation);
        return member is not null && silos.Contains(member.SiloAddress)
            ? Task.FromResult(member.SiloAddress)
            : throw new OrleansException($"No silo '{name}' is alive.");
    }
}
