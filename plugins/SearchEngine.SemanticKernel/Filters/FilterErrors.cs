using System.Linq.Expressions;

namespace SearchEngine.SemanticKernel;

/// <summary>How a filter is refused: by the part that is not understood, with why or with what to write instead.</summary>
internal static class FilterErrors
{
    public static NotSupportedException Unsupported(Expression node, string? why = null)
    {
        why = FilterHints.Find(node) ?? why;
        return new NotSupportedException(
            $"The filter expression '{node}' is not supported{(why is null ? "" : $": {why}")}. See the connector's README for the forms that are."
        );
    }
}
