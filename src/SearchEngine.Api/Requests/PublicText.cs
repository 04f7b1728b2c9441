using System.Text.RegularExpressions;
using SearchEngine.Hosting;

namespace SearchEngine.Api.Requests;

/// <summary>
/// Takes out of sentences what is nobody's business outside: folders of this machine, names of parameters; and keeps them sentences, whatever
/// of the request they quote: one line, of a length that can be read.
/// </summary>
internal sealed partial class PublicText(Settings settings)
{
    private const int MaxLength = 1_000;

    /// <summary>What is kept of the end of a long one: the part that says what to do.</summary>
    private const int EndLength = 300;

    private readonly (string Folder, string Name)[] _folders =
    [
        (SearchDatabase.ResolvePath(settings.Data), "DATA"),
        (Path.GetFullPath(settings.Data), "DATA"),
        (Path.GetFullPath(settings.Api.Snapshots), "SNAPSHOTS"),
    ];

    /// <summary>A sentence for callers.</summary>
    public string Of(string message)
    {
        var text = Parameter().Replace(message, string.Empty);
        foreach (var (folder, name) in _folders)
            text = text.Replace(folder, name, StringComparison.Ordinal);
        text = Control().Replace(text, " ");
        if (text.Length <= MaxLength)
            return text;
        var start = MaxLength - EndLength;
        var end = text.Length - EndLength;
        return string.Concat(
            text.AsSpan(0, char.IsLowSurrogate(text[start]) ? start - 1 : start),
            " … ",
            text.AsSpan(char.IsLowSurrogate(text[end]) ? end + 1 : end)
        );
    }

    [GeneratedRegex(@"[\p{Cc}\u2028\u2029]+")]
    private static partial Regex Control();

    [GeneratedRegex(@" \(Parameter '[^']*'\)|\r?\nActual value was .*")]
    private static partial Regex Parameter();
}
