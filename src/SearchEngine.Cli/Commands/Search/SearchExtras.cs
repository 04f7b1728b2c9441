namespace SearchEngine.Cli.Commands.Search;

/// <summary>What a search counts, groups and orders by beside its hits.</summary>
internal sealed record SearchExtras(IReadOnlyList<string> Facets, bool Total, SortOrder? Sort, string? GroupBy, int GroupSize)
{
    /// <summary>FIELD or FIELD:desc.</summary>
    public static SortOrder? ReadSort(string? text)
    {
        const string Descending = ":desc";
        if (text is null)
            return null;
        return text.EndsWith(Descending, StringComparison.OrdinalIgnoreCase)
            ? new SortOrder(text[..^Descending.Length], Descending: true)
            : new SortOrder(text);
    }
}
