namespace SearchEngine.Distributed.Routing;

/// <summary>Which writes a read is sure to see.</summary>
public enum ReadConsistency
{
    /// <summary>
    /// All that were acknowledged before it began, whoever wrote them. Costs a look at the shared log for each read; without the log there
    /// are no reads.
    /// </summary>
    Latest,

    /// <summary>
    /// Those that this router acknowledged, or that another one read (positions never go back). Others milliseconds later. Needs no log.
    /// </summary>
    OwnWrites,
}
