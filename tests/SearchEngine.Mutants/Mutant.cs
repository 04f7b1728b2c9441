using System.Security.Cryptography;
using System.Text;
using Microsoft.CodeAnalysis;

namespace SearchEngine.Mutants;

/// <summary>One change of one place.</summary>
/// <param name="File">Path from the repository's root.</param>
/// <param name="Line">From 1, in the file as it is now.</param>
/// <param name="Member">The member that holds the place.</param>
/// <param name="Operator">The kind of the change.</param>
/// <param name="Place">Which of the member's places of that kind, from 0.</param>
/// <param name="Node">The place.</param>
/// <param name="Weave">From the switch's condition and the text of the place, which may hold other mutants, to what takes its stead.</param>
/// <param name="Change">What is written down of it.</param>
internal sealed record Mutant(
    string File,
    int Line,
    string Member,
    string Operator,
    int Place,
    SyntaxNode Node,
    Func<string, string, string> Weave,
    string Change
)
{
    /// <summary>The same for as long as the member's other places of that kind are the same, wherever in the file it stands.</summary>
    public string Key => $"{File}|{Member}|{Operator}|{Place}";

    /// <summary>A short name, of the key alone.</summary>
    public string Name => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key)))[..8];

    /// <summary>The place in the drawing: by seed and key alone, so that an edit elsewhere does not draw others.</summary>
    public string Draw(int seed) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}|{Key}")));
}
