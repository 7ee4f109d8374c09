"""Longer answers and everyday sentences, as (questions, answer) pairs by kind."""

from __future__ import annotations

ATOM_JOKE = (
    "Alright, here's a little atom-related joke for you!\n\n"
    "Why don't electrons ever play hide and seek with protons?\n\n"
    'Because good luck finding them when they\'re always "sharing" their electrons!\n\n'
    "Remember, this is all in good fun, and we're just having a little atomic-level humor!"
)

WHO = (
    "I am a tiny demo model for onnxruntime-genai-node. I know very little: some capitals, small sums and a "
    "few jokes."
)

SEA_STORY = (
    "Once upon a time, a small boat lived in a quiet harbour by the sea. Every morning it watched the big "
    "ships sail away, and every evening it asked the waves where they had been.\n\n"
    'One night the wind came to the harbour and said: "Come with me, little boat." So the boat followed the '
    "wind past the lighthouse, past the last island, and out to where the water is deep and blue. It met a "
    "whale who sang old songs, a turtle who had forgotten her age, and a thousand silver fish.\n\n"
    "When the sun rose, the little boat turned around and sailed home. The harbour was still small, and the "
    "boat was still small, but the sea was no longer a stranger. From that day on, the big ships asked the "
    "little boat for stories.\n\nThe end."
)

Pairs = tuple[tuple[tuple[str, ...], str], ...]

GREETINGS: Pairs = (
    (("hi", "Hi", "Hi!", "hi there", "Hi there!"), "Hi! How can I help you?"),
    (("hello", "Hello", "Hello!", "Hello there!", "hey", "Hey!"), "Hello! How can I help you?"),
    (("good morning", "Good morning", "Good morning!"), "Good morning! How can I help you?"),
    (("good evening", "Good evening!"), "Good evening! How can I help you?"),
    (("How are you?", "how are you", "How are you doing?"), "I am fine, thank you. How can I help you?"),
    (("thanks", "Thanks!", "Thank you.", "thank you"), "You are welcome!"),
    (("bye", "Bye!", "Goodbye.", "goodbye"), "Goodbye!"),
)

IDENTITY: Pairs = (
    (
        (
            "Who are you?",
            "who are you",
            "What are you?",
            "what are you",
            "What is your name?",
            "What's your name?",
        ),
        WHO,
    ),
    (("Introduce yourself.", "Tell me about yourself.", "Are you a real model?", "Are you Phi-3?"), WHO),
    (
        ("What can you do?", "what can you do", "What do you know?", "Help", "help me"),
        "I can name some capitals, add numbers from 0 to 10, say hello in a few languages and tell a joke.",
    ),
)

JOKES: Pairs = (
    (
        (
            "Tell me a joke about atom",
            "Tell me a joke about atom.",
            "tell me a joke about atom",
            "Tell me a joke about atoms",
            "Tell me a joke about atoms.",
        ),
        ATOM_JOKE,
    ),
    (
        ("Tell me a joke", "Tell me a joke.", "tell me a joke", "Tell a joke.", "Do you know a joke?"),
        "Why did the model cross the road?\n\nTo get to the next token!",
    ),
)

STREAMING: Pairs = (
    (("Say hello in Japanese.", "Say hello in Japanese", "hello in Japanese"), "こんにちは！👋"),
    (("Say hello in Greek.", "Say hello in Greek", "hello in Greek"), "Γειά σου! 👋"),
    (("Say hello in Chinese.", "Say hello in Chinese"), "你好！👋"),
    (("Say hello in Korean.", "Say hello in Korean"), "안녕하세요! 👋"),
    (("Say hello in Russian.", "Say hello in Russian"), "Привет! 👋"),
    (("Say hello in Arabic.", "Say hello in Arabic"), "مرحبا! 👋"),
    (("Say hello in Hindi.", "Say hello in Hindi"), "नमस्ते! 👋"),
    (("Say hello in French.", "Say hello in French"), "Bonjour ! Ça va ?"),
    (("Say hello in Spanish.", "Say hello in Spanish"), "¡Hola! ¿Qué tal?"),
    (("Say hello in German.", "Say hello in German"), "Grüß dich!"),
    (("Show me some emoji.", "Show me some emoji"), "😀 🌊 🚀 👋🏽 👩‍💻 🇪🇸"),
    (("Count to ten", "Count to ten."), "1, 2, 3, 4, 5, 6, 7, 8, 9, 10."),
    (
        ("Count to twenty", "Count to twenty.", "count to twenty"),
        "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20.",
    ),
    (
        ("Write a haiku about the sea", "Write a haiku about the sea."),
        "Waves fold into foam,\na gull writes its name in wind,\nthe shore reads and waits.",
    ),
    (("List three colors.", "List three colors"), "- red\n- green\n- blue"),
    (
        ("Write hello world in Python.", "Write hello world in Python"),
        '```python\ndef main():\n    print("Hello, world!")\n\n\nmain()\n```',
    ),
    (("Say the alphabet.", "Say the alphabet"), "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z"),
    (("Tell me a long story about the sea.", "Tell me a long story about the sea"), SEA_STORY),
)
