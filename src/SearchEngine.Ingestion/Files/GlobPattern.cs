using System.Text;
using System.Text.RegularExpressions;

namespace SearchEngine.Ingestion;

/// <summary>
/// A pattern of paths with forward slashes: <c>*</c> and <c>?</c> within a name, <c>[a-c]</c> and <c>[!a]</c>, <c>{a,b}</c>, and
/// <c>**</c> for any folders. Case counts.
/// </summary>
public sealed class GlobPattern
{
    /// <summary>Characters that make a text a pattern.</summary>
    private const string Special = "*?[{";

    private readonly Regex _regex;

    /// <summary>Makes a pattern.</summary>
    /// <exception cref="ArgumentException">It cannot be read: a bracket or brace is not closed.</exception>
    public GlobPattern(string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        Pattern = pattern;
        // Without backtracking: a pattern takes time linear in the path.
        _regex = new Regex(
            "^" + ToRegex(pattern) + "$",
            RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline
        );
    }

    /// <summary>The pattern as it was given.</summary>
    public string Pattern { get; }

    /// <summary>Whether a text is a pattern rather than a name.</summary>
    public static bool IsPattern(string text) => text.AsSpan().IndexOfAny(Special) >= 0;

    /// <summary>
    /// The characters of a path before the folder in which its first special character stands; the whole path if it is no pattern.
    /// </summary>
    internal static int RootLength(string path)
    {
        var special = path.AsSpan().IndexOfAny(Special);
        return special < 0 ? path.Length : Math.Max(0, path.LastIndexOf('/', special));
    }

    /// <summary>Whether a path with forward slashes matches.</summary>
    public bool IsMatch(string path) => _regex.IsMatch(path);

    private static string ToRegex(string pattern)
    {
        var regex = new StringBuilder();
        var braces = 0;
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '*' when i + 1 < pattern.Length && pattern[i + 1] == '*':
                    i++;
                    if (i + 1 < pattern.Length && pattern[i + 1] == '/')
                    {
                        i++;
                        regex.Append("(?:.*/)?");
                    }
                    else
                    {
                        regex.Append(".*");
                    }

                    break;
                case '*':
                    regex.Append("[^/]*");
                    break;
                case '?':
                    regex.Append("[^/]");
                    break;
                case '[':
                    i = Class(pattern, i, regex);
                    break;
                case '{':
                    braces++;
                    regex.Append("(?:");
                    break;
                case ',' when braces > 0:
                    regex.Append('|');
                    break;
                case '}' when braces > 0:
                    braces--;
                    regex.Append(')');
                    break;
                case '\\' when i + 1 < pattern.Length:
                    regex.Append(Regex.Escape(pattern[++i].ToString()));
                    break;
                default:
                    regex.Append(Regex.Escape(pattern[i].ToString()));
                    break;
            }
        }

        return braces == 0
            ? regex.ToString()
            : throw new ArgumentException($"The pattern '{pattern}' has a brace that is not closed.", nameof(pattern));
    }

    private static int Class(string pattern, int start, StringBuilder regex)
    {
        // A bracket that comes first is one of the characters.
        var first = start + 1 < pattern.Length && pattern[start + 1] is '!' or '^' ? start + 2 : start + 1;
        var end = pattern.IndexOf(']', Math.Min(first + 1, pattern.Length));
        if (end < 0)
        {
            throw new ArgumentException($"The pattern '{pattern}' has a bracket that is not closed.", nameof(pattern));
        }

        var content = pattern[(start + 1)..end];
        var isNegated = content[0] is '!' or '^';
        regex.Append(isNegated ? "[^/" : "[");
        foreach (var c in isNegated ? content[1..] : content)
        {
            regex.Append(c is '\\' or ']' or '[' or '^' ? "\\" + c : c.ToString());
        }

        regex.Append(']');
        return end;
    }
}
