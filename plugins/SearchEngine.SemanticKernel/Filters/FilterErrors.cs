using System.Linq.Expressions;

namespace SearchEngine.SemanticKernel;

/// <summary>How a filter is refused: by the part that is not understood.</summary>
internal static class FilterErrors
{
    public static NotSupportedException Unsupported(Expression node, string? why = null) =>
        new(
            $"The filter expression '{node}' is not supported{(why is null ? "" : $": {why}")}. See the connector's README for the forms that are."
        );
}
