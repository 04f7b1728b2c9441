using System.Text;

namespace SearchEngine.Workloads.Ingest;

/// <summary>
/// Prose of invented words: frequent ones are short, new ones go on coming as the text gets longer (a rank is drawn with a probability of one
/// by itself, as in languages), sentences of some fifteen words, paragraphs of some five sentences.
/// </summary>
internal static class MadeUpText
{
    private const int Vocabulary = 2_000_000;
    private const string Consonants = "bcdfghklmnprstvz";
    private const string Vowels = "aeiou";
    private const int Syllables = 80;

    public static void Write(string path, long bytes)
    {
        using var writer = new StreamWriter(path, false, new UTF8Encoding(false), 1 << 16);
        var random = new Random(1);
        var sentence = new StringBuilder();
        long written = 0;
        for (var number = 1; written < bytes; number++)
        {
            sentence.Clear();
            for (var word = random.Next(8, 24); word > 0; word--)
            {
                Append(sentence, (int)Math.Exp(random.NextDouble() * Math.Log(Vocabulary)) - 1);
                sentence.Append(word == 1 ? ". " : " ");
            }

            sentence[0] = char.ToUpperInvariant(sentence[0]);
            if (number % 5 == 0)
                sentence.Append("\n\n");
            writer.Write(sentence);
            written += sentence.Length;
        }
    }

    private static void Append(StringBuilder to, int rank)
    {
        for (; ; rank = rank / Syllables - 1)
        {
            to.Append(Consonants[rank % Syllables / Vowels.Length]).Append(Vowels[rank % Vowels.Length]);
            if (rank < Syllables)
                return;
        }
    }
}
