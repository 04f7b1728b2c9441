namespace SearchEngine.Migration;

/// <summary>What is to be said of tables that name neither key nor metric.</summary>
internal static class TableFacts
{
    public static void Add(StoreFacts facts, IEnumerable<string> columns)
    {
        facts.KeyColumn = columns.Contains("id", StringComparer.Ordinal) ? "id" : null;
        facts.Notes.Add("the file does not say the metric: LanceDB's default is l2 (--metric euclidean); see the index or your queries");
    }
}
