using System.Text.RegularExpressions;
using SearchEngine.Hosting;

namespace SearchEngine.Api.Requests;

/// <summary>Takes out of sentences what is nobody's business outside: folders of this machine, names of parameters.</summary>
internal sealed partial class PublicText(Settings settings)
{
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
        return text;
    }

    [GeneratedRegex(@" \(Parameter '[^']*'\)|\r?\nActual value was .*")]
    private static partial Regex Parameter();
}
