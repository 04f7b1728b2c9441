namespace SearchEngine.Moments;

/// <summary>
/// A step of the way from a moment to those after it: what the maps held before the writes that led to this one, and the step after it.
/// It knows nothing of what is visible, so that a reader of an early moment holds up no bitmap of a later one.
/// </summary>
internal sealed class MomentLink(MomentChanges changes)
{
    private MomentLink? _next;

    /// <summary>What the maps held before the writes that led to this moment.</summary>
    public MomentChanges Changes { get; } = changes;

    /// <summary>The moment after this one; linked before the maps change, and before it is the current one.</summary>
    public MomentLink? Next => Volatile.Read(ref _next);

    public void Append(MomentLink next) => Volatile.Write(ref _next, next);

    /// <summary>
    /// Forgets the way on; no reader of this moment or an earlier one may be left. A dead link that an old collection of the garbage has not
    /// met yet would else keep all later ones alive.
    /// </summary>
    public void Cut() => Volatile.Write(ref _next, null);
}
