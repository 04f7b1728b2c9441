namespace SearchEngine.Storage;

/// <summary>When a write counts as done, and so what a crash can take.</summary>
public enum Durability
{
    /// <summary>
    /// A write is done when it is on the disk (fsync; writes at the same time share one). Nothing done is lost, also not at a loss of
    /// power.
    /// </summary>
    EveryWrite,

    /// <summary>A write is done when the operating system has it; the disk follows every <see cref="WriteLogOptions.Interval"/>.
    /// A killed process loses nothing; a loss of power loses at most the last interval.</summary>
    Interval,

    /// <summary>A write is done when the operating system has it; the disk follows at checkpoints and at closing.
    /// A killed process loses nothing; a loss of power loses what came after the last checkpoint.</summary>
    None,
}
