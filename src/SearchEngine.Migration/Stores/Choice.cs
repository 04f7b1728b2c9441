namespace SearchEngine.Migration;

/// <summary>Which of several things is meant.</summary>
internal static class Choice
{
    /// <summary>The one that was asked for, or the only one.</summary>
    public static string Of(string what, string? asked, IReadOnlyCollection<string> known)
    {
        var names = known.Count == 0 ? "none" : string.Join(", ", known);
        if (asked is not null)
        {
            return known.Contains(asked, StringComparer.Ordinal)
                ? asked
                : throw new MigrationException($"There is no {what} '{asked}' in the file; it has: {names}.");
        }

        return known.Count == 1
            ? known.First()
            : throw new MigrationException(
                known.Count == 0
                    ? $"There is no {what} in the file."
                    : $"The file has several {what}s: name one with --table. It has: {names}."
            );
    }
}
