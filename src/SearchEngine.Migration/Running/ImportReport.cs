namespace SearchEngine.Migration;

/// <summary>What an import did.</summary>
/// <param name="Collection">The collection's name.</param>
/// <param name="Written">Records that were new or differed.</param>
/// <param name="Unchanged">Records that were there already as the store has them.</param>
public sealed record ImportReport(string Collection, long Written, long Unchanged)
{
    internal ImportReport Plus(int written, int of) => this with { Written = Written + written, Unchanged = Unchanged + of - written };
}
