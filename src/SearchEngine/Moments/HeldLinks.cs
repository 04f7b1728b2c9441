namespace SearchEngine.Moments;

/// <summary>
/// The links of moments that readers may still walk along, and how many changes they hold: what a reader of an early moment holds up even
/// where nothing dies. Used by the write loop alone, or while it stands still.
/// </summary>
internal sealed class HeldLinks
{
    private readonly Queue<(long Sequence, MomentLink Link)> _links = new();

    /// <summary>Keys and names in the links.</summary>
    public int Changes { get; private set; }

    /// <summary>Adds the moment that was published; moments ascend.</summary>
    public void Add(CollectionMoment moment)
    {
        _links.Enqueue((moment.Sequence, moment.Link));
        Changes += moment.Link.Changes.Count;
    }

    /// <summary>Cuts the links of moments that no reader is in: those before the given one.</summary>
    public void LetGo(long oldest)
    {
        while (_links.TryPeek(out var held) && held.Sequence < oldest)
        {
            _links.Dequeue();
            Changes -= held.Link.Changes.Count;
            held.Link.Cut();
        }
    }
}
