using System.Text.Json;
using System.Text.RegularExpressions;

namespace SearchEngine.Api.Requests;

/// <summary>Says what is wrong with a JSON body, without the names of this program's types that the serializer's messages hold.</summary>
internal static partial class JsonErrorText
{
    private const int MaxShown = 120;

    public static string Of(JsonException exception)
    {
        var message = exception.Message;
        if (Unmapped().Match(message) is { Success: true } unmapped)
            return $"The body has a member '{unmapped.Groups[1].Value}' that this address does not know{Place(exception)}.";
        if (Missing().Match(message) is { Success: true } missing)
            return $"The body lacks {missing.Groups[1].Value.TrimEnd('.')}{Place(exception)}.";
        if (message.Contains("could not be converted", StringComparison.Ordinal))
            return $"The body's value{Place(exception)} is not of the kind that is expected there.";
        if (message.Contains("maximum configured depth", StringComparison.Ordinal))
            return "The body is nested too deeply.";
        if (message.Contains("SearchEngine.", StringComparison.Ordinal) || message.Contains("System.", StringComparison.Ordinal))
            return $"The body is not what this address takes{Place(exception)}.";
        if (message.Contains("isFinalBlock", StringComparison.Ordinal))
            return "The body ends before its JSON does, or holds none.";
        var end = message.IndexOf(" Path: ", StringComparison.Ordinal);
        return $"The body is not what this address takes: {(end < 0 ? message : message[..end])}{Place(exception)}";
    }

    private static string Place(JsonException exception) =>
        exception.Path is not { } path ? string.Empty : $" at {(path.Length > MaxShown ? path[..MaxShown] + "…" : path)}";

    [GeneratedRegex("^The JSON property '(.*)' could not be mapped")]
    private static partial Regex Unmapped();

    [GeneratedRegex("missing required properties including: (.*?)( Path: |$)")]
    private static partial Regex Missing();
}
